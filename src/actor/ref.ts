/**
 * A ref is the only handle to an actor: it can be sent messages, asked questions, put into messages, and watched. It
 * looks the same whether the actor lives in this process or behind a transport.
 *
 * A ref names one incarnation of an actor, which ends for good with a crash (as an Erlang pid does); or a place in the
 * tree, and so the actor that lives there at the time (as an Erlang registered name does). `Context.self` is of the
 * first kind, so an answer to an actor that crashed never reaches its successor. `spawn` and `at` return the second
 * kind, which stays valid across restarts.
 */
import { DawnpourError, UsageError } from "../error.js";
import type { Timers } from "../world/world.js";
import type { Stream } from "./stream.js";

/** The address of an actor, as plain data. Without an incarnation: whichever actor lives at `path`. */
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
 * Why an actor ended: it finished by itself, its parent stopped it, it failed with `error`, or it was killed because it
 * did not stop in time. For a watcher also: there was no such actor, or its node cannot be reached.
 */
export interface Ending {
  readonly reason: "finished" | "stopped" | "failed" | "killed" | "absent" | "unreachable";
  readonly error?: unknown;
}

/** A message that reached no actor. */
export interface DeadLetter {
  /** The address, as text. */
  readonly to: string;
  readonly message: unknown;
  /** No actor lives at the address, or its mailbox is full. */
  readonly reason: "absent" | "overflow";
}

/** What refs need of their actor system. */
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

/** No answer came in time, or the actor ended; then the error of the actor is the `cause`. */
export class AskError extends DawnpourError {
  override name = "AskError";
  /** The actor has ended. Otherwise the time is up, and a later question may be answered. */
  readonly hasEnded: boolean;

  /** As `Error`; `hasEnded` says whether the actor ended, or the time was up. */
  constructor(message: string, { hasEnded, cause }: { readonly hasEnded: boolean; readonly cause?: unknown }) {
    super(message, { cause });
    this.hasEnded = hasEnded;
  }
}

/** What messages are sent to: an actor, wherever it lives. */
export abstract class Ref<M> {
  protected readonly home: Home;

  /** @internal Systems make refs. */
  constructor(home: Home) {
    this.home = home;
  }

  /** The node and the path of the actor, and its incarnation where the ref means one. */
  abstract get address(): Address;

  /**
   * Sends a message: at most once, after earlier messages from the same sender. Never waits.
   *
   * @throws UsageError only when the actor is on another node and the message cannot be copied
   */
  abstract tell(message: M): void;

  /**
   * Calls `listener` once, when the actor that the ref means now ends; at once if there is none. For code outside of
   * actors; an actor uses `Context.watch`. `listener` must not throw. Returns a function that cancels it.
   */
  abstract onEnd(listener: (ending: Ending) => void): () => void;

  /** Ends an `ask` besides its timeout. */
  protected onSilence(listener: (ending: Ending) => void): () => void {
    return this.onEnd(listener);
  }

  /**
   * Sends the message that `make` builds around a ref for the answer.
   *
   * @param timeout milliseconds; `Infinity` to wait as long as the actor lives. Default 5000
   * @returns the first answer
   * @throws AskError when the actor ends before it answers, or the time is up
   */
  ask<R>(make: (replyTo: Ref<R>) => M, timeout = ASK_TIMEOUT): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      if (!(timeout > 0)) throw new UsageError(`ask waits for ${timeout} ms: give a time above 0, or Infinity`);
      const reply = new Reply<R>(this.home, (answer) => {
        settled();
        resolve(answer);
      });
      const fail = (why: string, ending: { readonly hasEnded: boolean; readonly cause?: unknown }): void => {
        give(new AskError(`no answer from ${this}: ${why}`, ending));
      };
      const give = (error: unknown): void => {
        settled();
        reply.close();
        reject(error);
      };
      const cancelTimer = this.home.timers.after(timeout, () =>
        fail(`${timeout} ms went by; allow more time, or find out what blocks it`, { hasEnded: false }),
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
        cancelWatch = this.onSilence(({ reason, error }) =>
          fail(`it has ended (${reason}${said(error)})`, { hasEnded: true, cause: error }),
        );
      }
    });
  }

  /** The address as text, for messages: `node/path`. */
  toString(): string {
    return addressText(this.address);
  }
}

/** Longest quotation of an actor's error, in characters. */
const LONGEST_WORDS = 200;

/** `: cannot do that`, in one line of bounded length. */
function said(error: unknown): string {
  if (error === undefined) return "";
  const [line] = (error instanceof Error ? error.message : String(error)).split(/[\r\n]/);
  return `: ${line.length > LONGEST_WORDS ? `${line.slice(0, LONGEST_WORDS)}...` : line}`;
}

/** The destination of the answer to one `ask`. */
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

  /** A reply has no life of its own. */
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
