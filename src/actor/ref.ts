/**
 * A ref is the only handle to an actor. Code can send it messages, ask it questions, watch it, and put it into messages. It is
 * used in the same way whether the actor lives in this process or behind a transport.
 *
 * There are two kinds. A ref to an incarnation, like an Erlang pid, refers to one life of an actor, which a crash ends for good.
 * A ref to a path in the tree, like an Erlang registered name, refers to the actor that lives there at the time. `Context.self`
 * is of the first kind, so an answer to an actor that crashed never reaches the next incarnation. `spawn` and `at` return the
 * second kind, which stays valid across restarts.
 */
import { DawnpourError, UsageError } from "../error.js";
import type { Timers } from "../world/world.js";
import type { Stream } from "./stream.js";

/** The address of an actor, as plain data. Without an incarnation it refers to the actor that lives at `path` at the time. */
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
 * Why an actor ended. It finished by itself, its parent stopped it, it failed with `error`, or it was killed because it did not
 * stop in time. A watcher may also get `absent`: there was no such actor; or `unreachable`: its node cannot be reached.
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

/** The part of an actor system that its refs use. */
export interface Home {
  readonly node: string;
  readonly timers: Timers;
  readonly deadLetters: Stream<DeadLetter>;
  /** Gives a reply an address that other nodes can send to, until `withdraw`. */
  expose(reply: Ref<never>): Address;
  withdraw(reply: Ref<never>): void;
}

/** Default milliseconds that a question waits for its answer, as in Erlang's `gen_server:call`. */
export const ASK_TIMEOUT = 5000;

/** No answer came: the time is up, or the actor ended. In the second case the error of the actor is the `cause`. */
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

/** A handle to an actor, in this process or another one. */
export abstract class Ref<M> {
  protected readonly home: Home;

  /** @internal Systems make refs. */
  constructor(home: Home) {
    this.home = home;
  }

  /** The node and the path of the actor; also its incarnation, if the ref refers to one incarnation. */
  abstract get address(): Address;

  /**
   * Sends a message. It arrives at most once, and after earlier messages from the same sender. Never waits.
   *
   * @throws UsageError only when the actor is on another node and the message cannot be copied
   */
  abstract tell(message: M): void;

  /**
   * Calls `listener` once: when the actor that the ref refers to now ends, or at once if there is none. It is for code outside of
   * actors; an actor uses `Context.watch`. `listener` must not throw. Returns a function that cancels the call.
   */
  abstract onEnd(listener: (ending: Ending) => void): () => void;

  /** Calls `listener` when no answer can come any more. It ends an `ask` before its timeout. */
  protected onSilence(listener: (ending: Ending) => void): () => void {
    return this.onEnd(listener);
  }

  /**
   * Asks a question: `make` gets a ref for the answer and builds the message, which is sent.
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

  /** Nothing lives behind a reply, so it counts as absent. */
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
