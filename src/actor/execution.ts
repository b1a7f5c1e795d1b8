/**
 * Runs the code of one actor, one piece at a time: its start, the handling of a message, its end. A piece may be asynchronous.
 * JavaScript cannot interrupt a piece, but it can be abandoned: its later result is then ignored.
 */
import type { Timers } from "../world/world.js";
import type { Behavior } from "./behavior.js";
import { SystemMessage } from "./system-message.js";

/** The functions of its actor that an execution calls. */
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
  /** The number of pieces that were abandoned. A result counts only if the number is the same as when its piece began. */
  #abandoned = 0;
  #cancelDeadline: (() => void) | undefined;

  constructor(actor: Executed) {
    this.#actor = actor;
  }

  /** Whether code of the actor is on the stack, or one of its promises is pending. */
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
