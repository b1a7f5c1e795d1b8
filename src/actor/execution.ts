/**
 * Runs the code of one actor, one piece at a time: its start, a message, its end. A piece may be asynchronous. It can be
 * abandoned: JavaScript cannot interrupt it, but its later result is ignored.
 */
import type { Timers } from "../world/world.js";
import type { Behavior } from "./behavior.js";
import { SystemMessage } from "./system-message.js";

/** What an execution tells its actor. */
interface Executed {
  /** The code threw, or its promise was rejected. */
  fail(error: unknown): void;
  /** The code is done, also after a failure. */
  rested(): void;
  /** An asynchronous piece is done, so that the next message may be handled. */
  wake(): void;
}

const nothing = (): void => undefined;

export class Execution {
  readonly #actor: Executed;
  #isBusy = false;
  /** Counts the pieces that were abandoned. A result counts only while the number is that of its start. */
  #abandoned = 0;
  #cancelDeadline: (() => void) | undefined;

  constructor(actor: Executed) {
    this.#actor = actor;
  }

  /** Code of the actor is on the stack, or one of its promises is pending. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** Ignores the result of the running code. */
  abandon(): void {
    this.#abandoned++;
    this.#isBusy = false;
    this.#cancelDeadline?.();
  }

  /** Abandons the running code if it is not done within `milliseconds`, and then calls `next`. */
  abandonAfter(milliseconds: number, timers: Timers, next: () => void): void {
    if (milliseconds < Number.POSITIVE_INFINITY) {
      this.#cancelDeadline = timers.after(milliseconds, () => {
        this.abandon();
        next();
      });
    }
  }

  /** Handles an item of the mailbox: as `perform`, without a closure for each message. */
  handle(behavior: Behavior<unknown>, item: unknown): void {
    const before = this.#abandoned;
    let pending: unknown;
    this.#isBusy = true;
    try {
      pending = item instanceof SystemMessage ? item.signal.deliver(behavior) : behavior.receive(item);
    } catch (error) {
      this.#actor.fail(error);
    }
    if (pending instanceof Promise) {
      this.#await(pending, before, nothing);
    } else {
      this.#rest(before);
    }
  }

  /** Runs `code`, then `next` with its result. */
  perform<T>(code: () => T | Promise<T>, next: (result: T) => void = nothing): void {
    const before = this.#abandoned;
    let result: T | Promise<T>;
    this.#isBusy = true;
    try {
      result = code();
    } catch (error) {
      this.#actor.fail(error);
      this.#rest(before);
      return;
    }
    if (result instanceof Promise) {
      this.#await(result, before, next);
    } else if (before === this.#abandoned) {
      next(result);
      this.#rest(before);
    }
  }

  #await<T>(pending: Promise<T>, before: number, next: (result: T) => void): void {
    const settle = (then: () => void): void => {
      if (before === this.#abandoned) {
        then();
        this.#rest(before);
        this.#actor.wake();
      }
    };
    pending.then(
      (result) => settle(() => next(result)),
      (error) => settle(() => this.#actor.fail(error)),
    );
  }

  #rest(before: number): void {
    if (before === this.#abandoned) {
      this.#isBusy = false;
      this.#cancelDeadline?.();
      this.#actor.rested();
    }
  }
}
