/**
 * Messages that are sent again until they are acknowledged. Either the message or its answer may have been lost. So a receiver
 * has to handle a message that comes twice like one that comes once.
 *
 *     Unanswered         the times of messages to one receiver: when one was last sent, and since when an answer is missing
 *     Outbox             messages that are kept, in order, until the receiver confirms them
 *     askUntilAnswered   a question, for code that awaits the answer
 *
 * They have no timers: the caller decides when to check, because every wakeup takes a core from the kernels for a moment.
 */
import { DawnpourError } from "../error.js";
import { AskError, type Ref } from "./ref.js";

/** Times of messages to one receiver, in milliseconds on one clock. */
export class Unanswered {
  #sentAt = Number.NEGATIVE_INFINITY;
  /** When the oldest message without an answer was sent. */
  #since: number | undefined;

  sent(now: number): void {
    this.#sentAt = now;
    this.#since ??= now;
  }

  answered(): void {
    this.#since = undefined;
  }

  /** Whether nothing was sent for `milliseconds`. Then earlier messages may be lost. */
  isLate(milliseconds: number, now: number): boolean {
    return now - this.#sentAt >= milliseconds;
  }

  /** Whether an answer has been missing for more than `milliseconds`. If so, the time is measured from now on again. */
  hasWaited(milliseconds: number, now: number): boolean {
    if (this.#since === undefined || now - this.#since <= milliseconds) return false;
    this.#since = now;
    return true;
  }
}

/** Messages to one receiver. With a new message all unconfirmed ones are sent, because the receiver may need them in order. */
export class Outbox<M> {
  readonly #send: (message: M) => void;
  readonly #times = new Unanswered();
  #waiting: readonly M[] = [];

  constructor(send: (message: M) => void) {
    this.#send = send;
  }

  /** Messages that are not confirmed, in order. */
  get waiting(): readonly M[] {
    return this.#waiting;
  }

  add(message: M, now: number): void {
    this.#waiting = [...this.#waiting, message];
    this.#sendAll(now);
  }

  /** Sends all again, if nothing was sent for `milliseconds`. */
  remind(milliseconds: number, now: number): void {
    if (this.#times.isLate(milliseconds, now)) this.#sendAll(now);
  }

  /** Forgets the messages that the receiver has. */
  confirm(isConfirmed: (message: M) => boolean): void {
    this.#waiting = this.#waiting.filter((message) => !isConfirmed(message));
  }

  #sendAll(now: number): void {
    this.#times.sent(now);
    for (const message of this.#waiting) this.#send(message);
  }
}

export interface RetryOptions {
  /** Milliseconds after which the question is asked again. */
  readonly remind: number;
  /** Milliseconds after which the receiver is given up. Default: never. */
  readonly patience?: number;
  /** Ends the attempts. */
  readonly signal: AbortSignal;
}

/** The receiver of a question did not answer. */
export class SilenceError extends DawnpourError {
  override name = "SilenceError";
}

/**
 * Asks again until there is an answer.
 *
 * @param make see `Ref.ask`; called for every attempt
 * @throws SilenceError when `patience` is over, AskError when the actor has ended or `signal` is aborted
 */
export async function askUntilAnswered<M, R>(
  ref: Ref<M>,
  make: (replyTo: Ref<R>) => M,
  { remind, patience = Number.POSITIVE_INFINITY, signal }: RetryOptions,
): Promise<R> {
  for (let waited = 0; waited < patience; waited += remind) {
    try {
      return await ref.ask(make, remind);
    } catch (error) {
      if (signal.aborted || !(error instanceof AskError) || error.hasEnded) throw error;
    }
  }
  throw new SilenceError(`${ref.address.node} has not answered for ${patience} ms`);
}
