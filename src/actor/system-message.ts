import type { Behavior } from "./behavior.js";

/** An item that the system itself puts into a mailbox. It is handled in order with the messages, unless it was cancelled. */
export interface Signal {
  deliver(behavior: Behavior<unknown>): void | Promise<void>;
}

/** Marks a signal in a mailbox, because a message may be any value. */
export class SystemMessage {
  readonly signal: Signal;

  constructor(signal: Signal) {
    this.signal = signal;
  }
}
