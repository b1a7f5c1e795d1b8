/**
 * Runs rounds under a lease: the worker's side of `LeaseManager`. A sole holder runs them by itself; a holder of a
 * shared lease runs each round together with the other holders.
 */

import type { Replica } from "../../strategies/rounds/replica.js";
import type { Clock } from "../../world/world.js";
import type { Lease } from "../protocol.js";
import { HeldLease } from "./held-lease.js";
import { isShared, SharedAllReduce, type SharedAllReduceOptions, type SharedRound } from "./shared-all-reduce.js";

/**
 * A holder waits for the others at most this many times the duration of a round, and at least `PATIENCE` milliseconds.
 */
const LATE = 3;
const PATIENCE = 60;
/** The only part of a round that has one part. */
const SOLE = 0;

export class LeaseRunner {
  readonly #options: SharedAllReduceOptions;
  readonly #learner: Replica;
  readonly #clock: Clock;
  readonly #allReduce: SharedAllReduce;
  #held: HeldLease | undefined;
  /** Milliseconds that the last round took. */
  #pace = 0;

  constructor(options: SharedAllReduceOptions, learner: Replica, clock: Clock) {
    this.#options = options;
    this.#learner = learner;
    this.#clock = clock;
    this.#allReduce = new SharedAllReduce(options);
  }

  /** The last lease, until it is forgotten. */
  get held(): HeldLease | undefined {
    return this.#held;
  }

  take(lease: Lease): HeldLease {
    this.#held = new HeldLease(this.#learner.round, lease, this.#clock.now(), this.#pace);
    return this.#held;
  }

  /**
   * Runs the next rounds of the lease.
   *
   * @param isWanted messages are waiting for this worker
   * @returns whether there is more to do under the lease
   */
  async goOn(held: HeldLease, isWanted: boolean): Promise<boolean> {
    const count = isWanted ? 0 : held.rounds(this.#clock.now());
    const { losses, isLast } = await this.#runLeased(held, count);
    if (losses.length > 0) held.done(losses, this.#clock.now());
    // A shared round that failed may have needed more time than the known pace allows.
    this.#pace = losses.length > 0 || !isShared(held.lease) ? held.pace : 0;
    return !isLast;
  }

  /** Ends the lease; the rounds that were done are still known. */
  end(): void {
    if (!this.#held) return;
    this.#held.end();
    this.#allReduce.leave(this.#held.lease);
  }

  forget(): void {
    this.end();
    this.#held = undefined;
  }

  /**
   * Under a shared lease, a holder that wants to stop does one more round, so that the round of the other holders is
   * not lost.
   */
  async #runLeased({ lease, pace }: HeldLease, count: number): Promise<SharedRound> {
    if (isShared(lease)) {
      const patience = pace > 0 ? Math.max(PATIENCE, LATE * pace) : lease.milliseconds;
      return this.#allReduce.round(this.#learner, lease, count <= 1, patience);
    }
    const losses = count > 0 ? await this.#runAlone(count) : [];
    return { losses, isLast: losses.length === 0 };
  }

  /** Does `count` rounds at most. Resolves with their losses: none, if the next round needs the coordinator. */
  async #runAlone(count: number): Promise<readonly number[]> {
    if (this.#learner.runLeased) return this.#learner.runLeased(count);
    const { tensors, collective, index, strategy } = this.#options;
    const gradient = tensors.slot(tensors.part(index, SOLE, this.#learner.round));
    const loss = await this.#learner.contribute(SOLE, gradient);
    const isSound = async () => Number.isFinite(loss) && (await collective.inspect(gradient)).finite;
    if (strategy.finite && !(await isSound())) return [];
    await this.#learner.apply(gradient);
    return [loss];
  }
}
