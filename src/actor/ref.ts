/**
 * A ref is all that anyone holds of an actor: it can be told messages and asked for answers, sent within messages, and
 * watched. Where the actor lives, in this process or behind a transport, cannot be seen from it.
 *
 * A ref names either one incarnation of an actor, which ends for good with a crash (as an Erlang pid does), or a place in
 * the tree, and then whoever lives there (as an Erlang registered name does). An actor knows itself by the first, so
 * answers to one that has crashed never reach its successor; `spawn` and `at` return the second, so what they return
 * stays good across restarts.
 */
import { DawnpourError, UsageError } from "../error.js";
import type { Timers } from "../world/world.js";
import type { Stream } from "./stream.js";

/** Where an actor is, as plain data. Without an incarnation: whoever lives at `path`. */
export interface Address {
  readonly node: string;
  readonly path: string;
  readonly incarnation?: string;
}

/** `node/path/of/actor#incarnation` */
export function addressText({ node, path, incarnation }: Address): string {
  return `${node}${path}${incarnation === undefined ? "" : `#${incarnation}`}`;
}

/**
 * Why an actor is no more. It finished by itself, was stopped by its parent, failed with `error`, or was killed because
 * it did not stop in time. For a watcher also: there was no such actor, or its node cannot be reached.
 */
export interface Ending {
  readonly reason: "finished" | "stopped" | "failed" | "killed" | "absent" | "unreachable";
  readonly error?: unknown;
}

/** A message that reached nobody. */
export interface DeadLetter {
  /** The address, as text. */
  readonly to: string;
  readonly message: unknown;
  /** No actor of that address lives, or its mailbox is full. */
  readonly reason: "absent" | "overflow";
}

/** What refs need of the actor system that they belong to. */
export interface Home {
  readonly node: string;
  readonly timers: Timers;
  readonly deadLetters: Stream<DeadLetter>;
  /** Gives a reply an address that other nodes can send to, until `withdraw`. */
  expose(reply: Ref<never>): Address;
  withdraw(reply: Ref<never>): void;
}

/** Milliseconds that a question waits for its answer, as in Erlang's `gen_server:call`. */
export const ASK_TIMEOUT = 5000;

/** No answer came: in time, or at all. What the actor failed with is the `cause`. */
export class AskError extends DawnpourError {
  override name = "AskError";
}

export abstract class Ref<M> {
  protected readonly home: Home;

  constructor(home: Home) {
    this.home = home;
  }

  abstract get address(): Address;

  /**
   * Sends a message: at most once, after those sent before from the same place. Never waits.
   *
   * @throws UsageError only when the actor is on another node and the message cannot be copied
   */
  abstract tell(message: M): void;

  /**
   * Calls `listener` once, when the actor that the ref means now has ended; at once if there is none. For code outside
   * of actors; inside, use `Context.watch`. It must not throw. Returns what cancels it.
   */
  abstract onEnd(listener: (ending: Ending) => void): () => void;

  /** What `ask` watches besides its timeout. */
  protected onSilence(listener: (ending: Ending) => void): () => void {
    return this.onEnd(listener);
  }

  /**
   * Sends the message that `make` builds around a ref for the answer.
   *
   * @param timeout milliseconds; `Infinity` to wait as long as the actor lives. Default 5000
   * @returns the first answer
   * @throws AskError when the actor ends before it answers, or time runs out
   */
  ask<R>(make: (replyTo: Ref<R>) => M, timeout = ASK_TIMEOUT): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      if (!(timeout > 0)) throw new UsageError(`ask waits for ${timeout} ms: give a time above 0, or Infinity`);
      const reply = new Reply<R>(this.home, (answer) => {
        settled();
        resolve(answer);
      });
      const fail = (why: string, cause?: unknown): void => {
        give(new AskError(`no answer from ${this}: ${why}`, { cause }));
      };
      const give = (error: unknown): void => {
        settled();
        reply.close();
        reject(error);
      };
      const cancelTimer = this.home.timers.after(timeout, () =>
        fail(`${timeout} ms went by; allow more time, or look into what keeps it`),
      );
      let cancelWatch = (): void => undefined;
      const settled = (): void => {
        cancelTimer();
        cancelWatch();
      };
      try {
        this.tell(make(reply));
      } catch (error) {
        give(error);
      }
      if (reply.open) {
        cancelWatch = this.onSilence(({ reason, error }) => fail(`it is no more (${reason}${said(error)})`, error));
      }
    });
  }

  toString(): string {
    return addressText(this.address);
  }
}

/** Letters of what an actor failed with that an error quotes. */
const LONGEST_WORDS = 200;

/** `: cannot do that`, in one line of bounded length. */
function said(error: unknown): string {
  if (error === undefined) return "";
  const [line] = (error instanceof Error ? error.message : String(error)).split(/[\r\n]/);
  return `: ${line.length > LONGEST_WORDS ? `${line.slice(0, LONGEST_WORDS)}...` : line}`;
}

/** Where the answer to one `ask` goes. */
class Reply<R> extends Ref<R> {
  #receive: ((answer: R) => void) | undefined;
  #address: Address | undefined;

  constructor(home: Home, receive: (answer: R) => void) {
    super(home);
    this.#receive = receive;
  }

  get open(): boolean {
    return this.#receive !== undefined;
  }

  override get address(): Address {
    if (this.open) {
      this.#address ??= this.home.expose(this);
    }
    return this.#address ?? { node: this.home.node, path: "/answered" };
  }

  override tell(answer: R): void {
    const receive = this.#receive;
    if (!receive) {
      this.home.deadLetters.publish({ to: this.toString(), message: answer, reason: "absent" });
      return;
    }
    this.close();
    receive(answer);
  }

  /** A question has no life of its own to watch. */
  override onEnd(listener: (ending: Ending) => void): () => void {
    listener({ reason: "absent" });
    return () => undefined;
  }

  close(): void {
    this.#receive = undefined;
    if (this.#address) {
      this.home.withdraw(this);
    }
  }
}
