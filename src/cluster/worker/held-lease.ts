/** A lease in the hands of a worker: what there is time for under it, what was done, and has to be told when it ends. */
import type { Lease, Standing } from "../protocol.js";

/** Of the time of a lease, what passes at most before who has it hears what others have to say. */
const WINDOW_SHARE = 0.5;

export class HeldLease {
  /** The round it began with. */
  readonly from: number;
  /** Of the rounds that it has gone through since. */
  readonly losses: number[] = [];
  readonly lease: Lease;
  readonly #began: number;
  /** Milliseconds that a round took before: 0, if that is not known. */
  readonly #paceBefore: number;
  #over = false;
  #milliseconds = 0;

  constructor(from: number, lease: Lease, now: number, pace = 0) {
    this.from = from;
    this.lease = lease;
    this.#began = now;
    this.#paceBefore = pace;
  }

  /** The round it has come to. */
  get round(): number {
    return this.from + this.losses.length;
  }

  /** Milliseconds that its rounds have taken. */
  get milliseconds(): number {
    return this.#milliseconds;
  }

  /** What there is to tell of it. */
  get standing(): Standing {
    const { round, losses, milliseconds } = this;
    const { holders, barrier } = this.lease;
    return { round, losses, milliseconds, holders, barrier };
  }

  /** Milliseconds that a round takes. */
  get pace(): number {
    return this.losses.length > 0 ? this.#milliseconds / this.losses.length : this.#paceBefore;
  }

  /** Nothing more is done under it. */
  get isOver(): boolean {
    return this.#over;
  }

  /** Rounds to go through in one go: as many as there is time for, at the pace of those before, but one in any case. */
  rounds(now: number): number {
    const { milliseconds } = this.lease;
    const left = Math.min(milliseconds - (now - this.#began), WINDOW_SHARE * milliseconds);
    const most = this.pace > 0 ? Math.round(left / this.pace) : Math.sign(left);
    return Math.min(Math.max(most, this.losses.length > 0 ? 0 : 1), this.lease.until - this.round);
  }

  done(losses: readonly number[], now: number): void {
    this.losses.push(...losses);
    this.#milliseconds = now - this.#began;
  }

  /** Nothing more is done under this lease. */
  end(): void {
    this.#over = true;
  }
}
