/**
 * A round of a lease that several workers hold: each computes its part, meets the others, and combines what all have
 * computed, as the coordinator would. None of them has to be told anything; and each writes only to memory of its own, so
 * that whoever has missed the end of it does no harm.
 *
 * Either all pass the point and apply the same, or none does: then the round is done again under supervision.
 */

import type { Barrier, BarrierRound, Contribution } from "../../collective/barrier.js";
import type { Collective, Inspection } from "../../collective/collective.js";
import type { StreamCollective } from "../../collective/stream-collective.js";
import type { Learner, Strategy } from "../../strategies/strategy.js";
import type { TensorStore } from "../../tensors/tensor-store.js";
import type { Lease, SharedLease } from "../protocol.js";

export interface SharedAllReduceOptions {
  readonly index: number;
  readonly strategy: Strategy;
  readonly tensors: TensorStore;
  readonly collective: Collective;
  readonly barrier: Barrier;
  /** That of the learner's device, where it is possible to do all that in it. */
  readonly stream?: StreamCollective;
}

/** What there is to do in a round. */
interface Exchange {
  readonly part: number;
  readonly parts: readonly Float32Array[];
  readonly sum: Float32Array;
  readonly point: BarrierRound;
  readonly isLast: boolean;
  readonly patience: number;
}

/** What came of it: by part, what was brought, and what was added. */
interface Exchanged {
  readonly brought: readonly Contribution[];
  readonly inspections: readonly Inspection[];
}

/** What became of a round. */
export interface SharedRound {
  /** Of the round, if it was done. */
  readonly losses: readonly number[];
  /** Someone wants it to be the last. */
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
   * @param patience milliseconds to wait for the others
   */
  async round(
    learner: Learner,
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

  /** Computes the part, meets the others, and combines what they have brought: in the order of the device, if it can. */
  async #exchange(learner: Learner, exchange: Exchange): Promise<Exchanged | undefined> {
    const { strategy, collective, barrier, stream: order } = this.#options;
    const { part, parts, sum, point, isLast, patience } = exchange;
    if (order && learner.enqueue) {
      const loss = await learner.enqueue(part, parts[part]);
      // Also if they have not come: who enqueues does not know that yet. What is combined then is looked at by nobody.
      const met = order.meet(point, parts[part], { loss, isLast }, patience);
      const [brought, inspections] = await Promise.all([met, strategy.combine(order.collective, parts, sum)]);
      return brought && { brought, inspections };
    }
    const loss = await learner.contribute(part, parts[part]);
    const brought = await barrier.meet(point, parts[part], { loss, isLast }, patience);
    return brought && { brought, inspections: await strategy.combine(collective, parts, sum) };
  }

  /** Nobody is to wait for this worker. */
  leave(lease: Lease): void {
    if (isShared(lease)) this.#options.barrier.close(lease.barrier);
  }
}

/** Whether several hold it. */
export function isShared(lease: Lease): lease is SharedLease {
  return lease.barrier !== undefined;
}

/** All come to the same answer, as all have looked at the same. */
function isSound(
  { finite }: Strategy,
  loss: number,
  brought: readonly Contribution[],
  inspections: readonly Inspection[],
): boolean {
  const isWhole = inspections.every(({ checksum }, part) => checksum === brought[part].checksum);
  return isWhole && (!finite || (Number.isFinite(loss) && inspections.every((inspection) => inspection.finite)));
}
