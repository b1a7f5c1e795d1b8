/** The holder's record of its lease: the rounds that are done, and how many more there is time for. */
import type { Lease, Standing } from "../protocol.js";

/** The holder reads its messages at least once in this fraction of the lease's time. */
const WINDOW_SHARE = 0.5;

export class HeldLease {
  /** The round it began with. */
  readonly from: number;
  /** Loss of each round done under it. */
  readonly losses: number[] = [];
  readonly lease: Lease;
  readonly #began: number;
  /** Milliseconds that a round took before; 0: not known. */
  readonly #paceBefore: number;
  #over = false;
  #milliseconds = 0;

  constructor(from: number, lease: Lease, now: number, pace = 0) {
    this.from = from;
    this.lease = lease;
    this.#began = now;
    this.#paceBefore = pace;
  }

  /** The round that the holder is in. */
  get round(): number {
    return this.from + this.losses.length;
  }

  /** Milliseconds that its rounds took. */
  get milliseconds(): number {
    return this.#milliseconds;
  }

  /** The report for the coordinator. */
  get standing(): Standing {
    const { round, losses, milliseconds } = this;
    const { holders, barrier } = this.lease;
    return { round, losses, milliseconds, holders, barrier };
  }

  /** Milliseconds a round. */
  get pace(): number {
    return this.losses.length > 0 ? this.#milliseconds / this.losses.length : this.#paceBefore;
  }

  /** No more rounds are done under it. */
  get isOver(): boolean {
    return this.#over;
  }

  /**
   * Rounds to do before the next look at messages: as many as there is time for at the present pace, and at least one
   * at the beginning of the lease.
   */
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

  end(): void {
    this.#over = true;
  }
}
