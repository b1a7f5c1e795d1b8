/**
 * All-reduce among the holders of a shared lease. Each worker computes its part, arrives at the barrier, and combines
 * all parts as the coordinator would. No worker needs a message; each writes only to memory of its own, so that a
 * worker that misses the end of the round does no harm.
 *
 * Either all holders pass the barrier and apply the same vector, or none does: then the round is done again under the
 * coordinator.
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
  readonly brought: readonly Contribution[];
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
    const { brought, inspections } = exchanged;
    const total = brought.reduce((all, one) => all + one.loss, 0);
    if (!isSound(strategy, total, brought, inspections)) return NOT_DONE;
    await learner.apply(sum);
    return { losses: [total], isLast: brought.some((one) => one.isLast) };
  }

  /** Computes the part, arrives at the barrier, and combines all parts; on the device's stream where there is one. */
  async #exchange(learner: Replica, exchange: Exchange): Promise<Exchanged | undefined> {
    const { strategy, collective, barrier, stream: order } = this.#options;
    const { part, parts, sum, point, isLast, patience } = exchange;
    if (order && learner.enqueue) {
      const loss = await learner.enqueue(part, parts[part]);
      // The stream combines the parts even if the barrier fails, which is not known yet; the result is then
      // discarded.
      const met = order.meet(point, parts[part], { loss, isLast }, patience);
      const [brought, inspections] = await Promise.all([met, strategy.combine(order.collective, parts, sum)]);
      return brought && { brought, inspections };
    }
    const loss = await learner.contribute(part, parts[part]);
    const brought = await barrier.meet(point, parts[part], { loss, isLast }, patience);
    return brought && { brought, inspections: await strategy.combine(collective, parts, sum) };
  }

  /** Closes the lease's barrier: no holder waits for this worker. */
  leave(lease: Lease): void {
    if (isShared(lease)) this.#options.barrier.close(lease.barrier);
  }
}

export function isShared(lease: Lease): lease is SharedLease {
  return lease.barrier !== undefined;
}

/** The same on all holders, because all look at the same contributions and the same parts. */
function isSound(
  { finite }: RoundProgram,
  loss: number,
  brought: readonly Contribution[],
  inspections: readonly Inspection[],
): boolean {
  const isWhole = inspections.every(({ checksum }, part) => checksum === brought[part].checksum);
  return isWhole && (!finite || (Number.isFinite(loss) && inspections.every((inspection) => inspection.finite)));
}
