/**
 * All-reduce among the holders of a shared lease. Each worker computes its part, arrives at the barrier, and combines all
 * parts as the coordinator would. No message is needed. Each worker writes only to memory of its own, so a worker that misses
 * the end of the round does no harm.
 *
 * Either all holders pass the barrier and apply the same vector, or none does. In the second case the coordinator repeats the
 * round without a lease.
 */

import type { BarrierRound, Contribution } from "../../collective/barrier.js";
import type { Inspection } from "../../collective/collective.js";
import type { StreamCollective } from "../../collective/stream-collective.js";
import type { Replica, RoundProgram } from "../../strategies/rounds/replica.js";
import type { VectorFabric } from "../fabric.js";
import type { Lease, SharedLease } from "../protocol.js";

export interface SharedAllReduceOptions extends Pick<VectorFabric, "tensors" | "collective" | "barrier"> {
  readonly index: number;
  readonly strategy: RoundProgram;
  /** Collective on the stream of the learner's device, if the device has one. */
  readonly stream?: StreamCollective;
}

/** Input of the exchange of a round. */
interface Exchange {
  readonly part: number;
  readonly parts: readonly Float32Array[];
  readonly sum: Float32Array;
  readonly point: BarrierRound;
  readonly isLast: boolean;
  readonly patience: number;
}

/** Result of the exchange: the contribution and the inspection of each part. */
interface Exchanged {
  readonly contributions: readonly Contribution[];
  readonly inspections: readonly Inspection[];
}

/** Outcome of a round. */
export interface SharedRound {
  /** The loss of the round; empty if it was not done. */
  readonly losses: readonly number[];
  /** At least one holder wants this round to be the last. */
  readonly isLast: boolean;
}

const NOT_DONE: SharedRound = { losses: [], isLast: true };

export class SharedAllReduce {
  readonly #options: SharedAllReduceOptions;

  constructor(options: SharedAllReduceOptions) {
    this.#options = options;
  }

  /**
   * Takes `learner` through its round.
   *
   * @param isLast whether this worker wants it to be the last one
   * @param patience milliseconds to wait for the other holders
   */
  async round(
    learner: Replica,
    { holders, barrier: number }: SharedLease,
    isLast: boolean,
    patience: number,
  ): Promise<SharedRound> {
    const { index, strategy, tensors } = this.#options;
    const { round } = learner;
    const part = holders.indexOf(index);
    const parts = holders.map((worker, other) => tensors.slot(tensors.alternate(worker, other, round)));
    const sum = tensors.slot(tensors.ownSum(index));
    const point = { number, round, worker: index, holders };
    const exchanged = await this.#exchange(learner, { part, parts, sum, point, isLast, patience });
    if (!exchanged) return NOT_DONE;
    const { contributions, inspections } = exchanged;
    const total = contributions.reduce((all, one) => all + one.loss, 0);
    if (!isSound(strategy, total, contributions, inspections)) return NOT_DONE;
    await learner.apply(sum);
    return { losses: [total], isLast: contributions.some((one) => one.isLast) };
  }

  /** Computes the part, arrives at the barrier, and combines all parts; on the device's stream where there is one. */
  async #exchange(learner: Replica, exchange: Exchange): Promise<Exchanged | undefined> {
    const { strategy, collective, barrier, stream: order } = this.#options;
    const { part, parts, sum, point, isLast, patience } = exchange;
    if (order && learner.enqueue) {
      const loss = await learner.enqueue(part, parts[part]);
      // The sum is enqueued before the outcome of the barrier is known. If the barrier fails, the result is discarded.
      const met = order.meet(point, parts[part], { loss, isLast }, patience);
      const [contributions, inspections] = await Promise.all([met, strategy.combine(order.collective, parts, sum)]);
      return contributions && { contributions, inspections };
    }
    const loss = await learner.contribute(part, parts[part]);
    const contributions = await barrier.meet(point, parts[part], { loss, isLast }, patience);
    return contributions && { contributions, inspections: await strategy.combine(collective, parts, sum) };
  }

  /** Closes the lease's barrier: no holder waits for this worker. */
  leave(lease: Lease): void {
    if (isShared(lease)) this.#options.barrier.close(lease.barrier);
  }
}

export function isShared(lease: Lease): lease is SharedLease {
  return lease.barrier !== undefined;
}

/** Whether the sum can be applied. All holders decide alike, because all check the same contributions and the same parts. */
function isSound(
  { finite }: RoundProgram,
  loss: number,
  contributions: readonly Contribution[],
  inspections: readonly Inspection[],
): boolean {
  const isWhole = inspections.every(({ checksum }, part) => checksum === contributions[part].checksum);
  return isWhole && (!finite || (Number.isFinite(loss) && inspections.every((inspection) => inspection.finite)));
}
