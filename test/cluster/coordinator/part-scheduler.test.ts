import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type AvailableWorker,
  type Grant,
  type PartResult,
  PartScheduler,
} from "../../../src/cluster/coordinator/part-scheduler.js";

const paces = fc.array(fc.double({ min: 0.5, max: 50, noNaN: true }), { minLength: 1, maxLength: 8 });
const toHands = (list: readonly number[]): AvailableWorker[] => list.map((pace, index) => ({ index, pace }));
const result = (worker: number): PartResult => ({ worker, bytes: 4, slot: worker, loss: 1, checksum: 0n });

/** Lets workers work at their paces until the round is done. Returns all grants. */
function work(round: PartScheduler, hands: readonly AvailableWorker[]): Grant[] {
  const queues = new Map<number, { grant: Grant; end: number }[]>(hands.map(({ index }) => [index, []]));
  const paceOf = new Map(hands.map(({ index, pace }) => [index, pace]));
  const grants: Grant[] = [];
  for (let now = 0; !round.results; ) {
    for (const grant of round.assign(hands, now)) {
      grants.push(grant);
      const queue = queues.get(grant.worker) ?? [];
      const begin = Math.max(now, queue.at(-1)?.end ?? 0);
      queue.push({ grant, end: begin + (paceOf.get(grant.worker) ?? 0) });
    }
    const next = [...queues.values()].flatMap(([first]) => first ?? []).sort((a, b) => a.end - b.end)[0];
    now = next.end;
    queues.get(next.grant.worker)?.shift();
    round.settle(next.grant, result(next.grant.worker));
  }
  return grants;
}

test("every part is granted once while nothing fails, and no worker has more than two", () => {
  fc.assert(
    fc.property(paces, fc.integer({ min: 1, max: 32 }), (list, parts) => {
      const round = new PartScheduler(0, parts);
      const hands = toHands(list);
      const first = round.assign(hands, 0);
      for (const { index } of hands) expect(round.outstanding(index).length).toBeLessThanOrEqual(2);
      for (const { index } of hands) round.release(index);
      const grants = work(round, hands);
      expect(first.length).toBeGreaterThan(0);
      expect(grants.map(({ part }) => part).sort((a, b) => a - b)).toEqual(Array.from({ length: parts }, (_, i) => i));
    }),
  );
});

test("faster workers take more parts: no worker is given a part that another would complete sooner", () => {
  fc.assert(
    fc.property(paces, fc.integer({ min: 8, max: 64 }), (list, parts) => {
      const hands = toHands(list);
      const counts = hands.map(() => 0);
      for (const { worker } of work(new PartScheduler(0, parts), hands)) counts[worker]++;
      for (const a of hands) {
        for (const b of hands) {
          // A worker may have two parts at a time.
          if (a.pace < b.pace) expect(counts[a.index] + 2).toBeGreaterThanOrEqual(counts[b.index]);
        }
      }
    }),
  );
  const counts = [0, 0];
  for (const { worker } of work(new PartScheduler(0, 40), toHands([1, 3]))) counts[worker]++;
  expect(counts).toEqual([30, 10]);
});

test("a late part is granted again, to an idle worker, and the first result counts", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 6 }), (workers) => {
      const hands = toHands(Array(workers).fill(10));
      const round = new PartScheduler(0, 1);
      const [grant] = round.assign(hands, 0);
      expect(round.assignLate(hands, 30)).toEqual([]);
      const [again, ...more] = round.assignLate(hands, 100);
      expect(more).toEqual([]);
      expect(again.worker).not.toBe(grant.worker);
      expect(again.part).toBe(grant.part);
      round.settle(again, result(again.worker));
      round.settle(grant, result(grant.worker));
      expect(round.results).toEqual([result(again.worker)]);
    }),
  );
});

test("parts of a worker that is gone go to other workers", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 6 }), fc.integer({ min: 1, max: 12 }), (workers, parts) => {
      const hands = toHands(Array(workers).fill(5));
      const round = new PartScheduler(0, parts);
      const grants = round.assign(hands, 0);
      round.release(0);
      for (const grant of grants.filter(({ worker }) => worker > 0)) round.settle(grant, result(grant.worker));
      const rest = work(round, hands.slice(1));
      const lost = grants.filter(({ worker }) => worker === 0).map(({ part }) => part);
      for (const part of lost) expect(rest.map((grant) => grant.part)).toContain(part);
      expect(round.results).toHaveLength(parts);
    }),
  );
});

test("a damaged part goes to another worker, as the next attempt, and late results of the last attempt do not count", () => {
  const hands = toHands([1, 100]);
  const round = new PartScheduler(0, 1);
  const [first] = round.assign(hands, 0);
  round.settle(first, result(first.worker));
  expect(round.refuse(0)).toEqual([]);
  const [second] = round.assign(hands, 1);
  expect(second).toEqual({ worker: 1 - first.worker, part: 0, attempt: 1 });
  round.settle(first, result(first.worker));
  expect(round.results).toBeUndefined();
  round.settle(second, result(second.worker));
  expect(round.refuse(0)).toEqual([result(first.worker)]);
  // All workers have failed at the part, so the one that would finish first tries again.
  expect(round.assign(hands, 2)).toEqual([{ worker: 0, part: 0, attempt: 2 }]);
});

test("with a quorum, the first parts that come are enough, and a refused one has to come again", () => {
  const scheduler = new PartScheduler(0, 4, undefined, 2);
  const result = { worker: 0, slot: 0, bytes: 4, loss: 1, checksum: 0n };
  const settle = (part: number, attempt = 0): void => scheduler.settle({ part, attempt }, { ...result, slot: part });
  settle(3);
  expect([scheduler.arrived, scheduler.results]).toEqual([undefined, undefined]);
  settle(1);
  settle(0);
  expect(scheduler.arrived).toEqual([1, 3]);
  expect(scheduler.results?.map(({ slot }) => slot)).toEqual([1, 3]);
  scheduler.refuse(1);
  expect(scheduler.arrived).toEqual([0, 3]);
  scheduler.refuse(0);
  expect(scheduler.arrived).toBeUndefined();
  settle(1, 1);
  expect(scheduler.arrived).toEqual([1, 3]);
});
