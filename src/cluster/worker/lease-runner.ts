/**
 * How a worker goes through rounds by itself while it has a lease: the worker's side of `LeaseManager`. Where it is the only one it
 * leaves them to its learner, else it goes through each together with the others.
 */

import type { Learner } from "../../strategies/strategy.js";
import type { Clock } from "../../world/world.js";
import type { Lease } from "../protocol.js";
import { HeldLease } from "./held-lease.js";
import { isShared, SharedAllReduce, type SharedAllReduceOptions, type SharedRound } from "./shared-all-reduce.js";

/** The others of a lease are waited for so many times as long as a round takes, and so many milliseconds at least. */
const LATE = 3;
const PATIENCE = 60;
/** The part of a round that has no other. */
const SOLE = 0;

export class LeaseRunner {
  readonly #options: SharedAllReduceOptions;
  readonly #learner: Learner;
  readonly #clock: Clock;
  readonly #together: SharedAllReduce;
  #held: HeldLease | undefined;
  /** Milliseconds that a round took last. */
  #pace = 0;

  constructor(options: SharedAllReduceOptions, learner: Learner, clock: Clock) {
    this.#options = options;
    this.#learner = learner;
    this.#clock = clock;
    this.#together = new SharedAllReduce(options);
  }

  /** The last one, until it is forgotten. */
  get held(): HeldLease | undefined {
    return this.#held;
  }

  take(lease: Lease): HeldLease {
    this.#held = new HeldLease(this.#learner.round, lease, this.#clock.now(), this.#pace);
    return this.#held;
  }

  /**
   * Some rounds, in one go.
   *
   * @param isWanted whether this worker is wanted for something else
   * @returns whether there are more to come
   */
  async goOn(held: HeldLease, isWanted: boolean): Promise<boolean> {
    const count = isWanted ? 0 : held.rounds(this.#clock.now());
    const { losses, isLast } = await this.#lead(held, count);
    if (losses.length > 0) held.done(losses, this.#clock.now());
    // If a round with others came to nothing, they may take longer than was known.
    this.#pace = losses.length > 0 || !isShared(held.lease) ? held.pace : 0;
    return !isLast;
  }

  /** Nothing more is done under the lease; what was done is still known. */
  end(): void {
    if (!this.#held) return;
    this.#held.end();
    this.#together.leave(this.#held.lease);
  }

  forget(): void {
    this.end();
    this.#held = undefined;
  }

  /** If the lease is shared, who wants to stop goes through one more round with the others, so that nobody's is in vain. */
  async #lead({ lease, pace }: HeldLease, count: number): Promise<SharedRound> {
    if (isShared(lease)) {
      const patience = pace > 0 ? Math.max(PATIENCE, LATE * pace) : lease.milliseconds;
      return this.#together.round(this.#learner, lease, count <= 1, patience);
    }
    const losses = count > 0 ? await this.#leadAsSole(count) : [];
    return { losses, isLast: losses.length === 0 };
  }

  /** Goes through `count` rounds at most; resolves with their losses: none, if the next one is not to be done unsupervised. */
  async #leadAsSole(count: number): Promise<readonly number[]> {
    if (this.#learner.lead) return this.#learner.lead(count);
    const { tensors, collective, index, strategy } = this.#options;
    const gradient = tensors.slot(tensors.part(index, SOLE, this.#learner.round));
    const loss = await this.#learner.contribute(SOLE, gradient);
    const isSound = async () => Number.isFinite(loss) && (await collective.inspect(gradient)).finite;
    if (strategy.finite && !(await isSound())) return [];
    await this.#learner.apply(gradient);
    return [loss];
  }
}
