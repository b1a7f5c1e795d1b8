/**
 * A round of a lease that several workers hold: each computes its part, meets the others, and combines what all have
 * computed, as the coordinator would. None of them has to be told anything; and each writes only to memory of its own, so
 * that whoever has missed the end of it does no harm.
 *
 * Either all pass the meeting and apply the same, or none does: then the round is done again under supervision.
 */

import type { Brought, Meeting, Rendezvous } from "../../collective/barrier.js";
import type { Collective, Inspection } from "../../collective/collective.js";
import type { DeviceOrder } from "../../collective/stream-collective.js";
import type { Learner, Strategy } from "../../strategies/strategy.js";
import type { Arena } from "../../tensors/tensor-store.js";
import type { Lease, SharedLease } from "../protocol.js";

export interface TogetherPlace {
  readonly index: number;
  readonly strategy: Strategy;
  readonly arena: Arena;
  readonly collective: Collective;
  readonly rendezvous: Rendezvous;
  /** That of the learner's device, where it is possible to do all that in it. */
  readonly order?: DeviceOrder;
}

/** What there is to do in a round. */
interface Exchange {
  readonly part: number;
  readonly parts: readonly Float32Array[];
  readonly sum: Float32Array;
  readonly meeting: Meeting;
  readonly isLast: boolean;
  readonly patience: number;
}

/** What came of it: by part, what was brought, and what was added. */
interface Exchanged {
  readonly brought: readonly Brought[];
  readonly inspections: readonly Inspection[];
}

/** What became of a round. */
export interface RoundTogether {
  /** Of the round, if it was done. */
  readonly losses: readonly number[];
  /** Someone wants it to be the last. */
  readonly isLast: boolean;
}

const NOT_DONE: RoundTogether = { losses: [], isLast: true };

export class Together {
  readonly #place: TogetherPlace;

  constructor(place: TogetherPlace) {
    this.#place = place;
  }

  /**
   * Takes `learner` through its round.
   *
   * @param isLast whether this worker wants it to be the last one
   * @param patience milliseconds to wait for the others
   */
  async round(
    learner: Learner,
    { holders, meeting: number }: SharedLease,
    isLast: boolean,
    patience: number,
  ): Promise<RoundTogether> {
    const { index, strategy, arena } = this.#place;
    const { round } = learner;
    const part = holders.indexOf(index);
    const parts = holders.map((worker, other) => arena.slot(arena.alternate(worker, other, round)));
    const sum = arena.slot(arena.ownSum(index));
    const meeting = { number, round, worker: index, holders };
    const exchanged = await this.#exchange(learner, { part, parts, sum, meeting, isLast, patience });
    if (!exchanged) return NOT_DONE;
    const { brought, inspections } = exchanged;
    const total = brought.reduce((all, one) => all + one.loss, 0);
    if (!isSound(strategy, total, brought, inspections)) return NOT_DONE;
    await learner.apply(sum);
    return { losses: [total], isLast: brought.some((one) => one.isLast) };
  }

  /** Computes the part, meets the others, and combines what they have brought: in the order of the device, if it can. */
  async #exchange(learner: Learner, exchange: Exchange): Promise<Exchanged | undefined> {
    const { strategy, collective, rendezvous, order } = this.#place;
    const { part, parts, sum, meeting, isLast, patience } = exchange;
    if (order && learner.enqueue) {
      const loss = await learner.enqueue(part, parts[part]);
      // Also if they have not come: who enqueues does not know that yet. What is combined then is looked at by nobody.
      const met = order.meet(meeting, parts[part], { loss, isLast }, patience);
      const [brought, inspections] = await Promise.all([met, strategy.combine(order.collective, parts, sum)]);
      return brought && { brought, inspections };
    }
    const loss = await learner.contribute(part, parts[part]);
    const brought = await rendezvous.meet(meeting, parts[part], { loss, isLast }, patience);
    return brought && { brought, inspections: await strategy.combine(collective, parts, sum) };
  }

  /** Nobody is to wait for this worker. */
  leave(lease: Lease): void {
    if (isShared(lease)) this.#place.rendezvous.close(lease.meeting);
  }
}

/** Whether several hold it. */
export function isShared(lease: Lease): lease is SharedLease {
  return lease.meeting !== undefined;
}

/** All come to the same answer, as all have looked at the same. */
function isSound(
  { finite }: Strategy,
  loss: number,
  brought: readonly Brought[],
  inspections: readonly Inspection[],
): boolean {
  const isWhole = inspections.every(({ checksum }, part) => checksum === brought[part].checksum);
  return isWhole && (!finite || (Number.isFinite(loss) && inspections.every((inspection) => inspection.finite)));
}
