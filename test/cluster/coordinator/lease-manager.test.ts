import { expect, test } from "vitest";
import { LeaseManager } from "../../../src/cluster/coordinator/lease-manager.js";
import type { WorkerProxy } from "../../../src/cluster/coordinator/worker-proxy.js";
import type { LeaseReport } from "../../../src/cluster/protocol.js";
import { HeldLease } from "../../../src/cluster/worker/held-lease.js";
import { triggerAt } from "../../../src/training/triggers.js";
import { SimulatedWorld } from "../../../src/world/simulated/world.js";
import { BarrierMemory, SimulatedBarrier } from "../../simulation/simulated-barrier.js";

const options = {
  rounds: 1000,
  snapshotEvery: 100,
  evaluateEvery: 1000,
  checkpointEvery: 1000,
  images: 1000,
  batch: 10,
};
const triggers = { due: (round: number) => triggerAt(options, round) };
const memory = new BarrierMemory();
const barrier = new SimulatedBarrier(memory, new SimulatedWorld(1));
const leases = (options = {}): LeaseManager =>
  new LeaseManager({ triggers, barrier, parts: 1, step: Number.POSITIVE_INFINITY, ...options });

/** Workers that all reported in round 6, and take 10 ms for a part. */
const members = (count: number, like: Partial<WorkerProxy> = {}): WorkerProxy[] =>
  Array.from({ length: count }, (_, index) => ({ index, state: "active", heard: 6, pace: 10, ...like }) as WorkerProxy);
/** Gives each part to the worker at its place in the list. */
const grants = (...workers: number[]) => workers.map((worker, part) => ({ worker, part, attempt: 0 }));

test("the only worker gets a lease up to the next trigger, where a round has one part", () => {
  const one = leases();
  expect(one.grant(grants(0), members(2), 7)).toBeUndefined();
  expect(one.grant([], members(1), 7)).toBeUndefined();
  expect(leases({ parts: 2 }).grant(grants(0, 0), members(1), 7)).toBeUndefined();
  expect(one.holders).toEqual([]);
  expect(one.grant(grants(0), members(1), 7)).toEqual({ until: 100, milliseconds: 750, holders: [0] });
  expect(one.holders).toEqual([0]);
  one.end();
  expect(one.holders).toEqual([]);
  expect(one.grant(grants(0), members(1), 100)?.until).toBe(200);
});

test("workers share a lease where each has one part, and all are present and quick", () => {
  const three = leases({ parts: 3 });
  const shared = (given = grants(1, 0, 2), all = members(3), round = 7) => three.grant(given, all, round);
  expect(shared(grants(0, 1))).toBeUndefined();
  expect(shared(grants(0, 1, 1))).toBeUndefined();
  expect(shared(grants(0, 1, 2), members(4))).toBeUndefined();
  for (const like of [{ state: "restoring" }, { heard: 5 }, { pace: 0 }, { pace: 200 }] as const) {
    expect(shared(grants(0, 1, 2), [...members(2), ...members(1, like)])).toBeUndefined();
  }
  expect(leases({ parts: 5 }).grant(grants(0, 1, 2, 3, 4), members(5), 7)).toBeUndefined();
  const lease = shared();
  expect(lease).toEqual({ until: 100, milliseconds: 750, holders: [1, 0, 2], barrier: memory.number });
  expect(memory).toMatchObject({ round: 7, closed: false });
  expect(three.holders).toEqual([1, 0, 2]);
  three.end();
  expect(shared()?.barrier).toBe((lease?.barrier ?? 0) + 1);
});

test("a lease ends where something is made to fail", () => {
  expect(leases({ faultRounds: [3, 42, 60] }).grant(grants(0), members(1), 7)?.until).toBe(42);
});

const leaseReport = (round: number, losses: number[], worker = 0, holders = [worker], lease?: number): LeaseReport => ({
  ...{ kind: "leaseReport", term: 1, worker, round, losses, milliseconds: 10 * losses.length, holders, barrier: lease },
});

test("a report counts once, from the current round on, and only from the holder of the part", () => {
  const one = leases();
  const take = (what: LeaseReport, number: number): boolean => one.take(what, number, 0);
  expect(take(leaseReport(9, [0.7, 0.8]), 7)).toBe(false);
  one.grant(grants(0), members(1), 7);
  expect(take(leaseReport(9, [0.7, 0.8], 1), 7)).toBe(false);
  // It counts once: not again in the next lease, nor for an earlier round, nor for a round that was not ordered.
  expect(take(leaseReport(9, [0.7, 0.8]), 9)).toBe(true);
  expect(one.isOver(0, 1000)).toBe(false);
  expect(take(leaseReport(9, [0.7, 0.8]), 10)).toBe(false);
  expect(take(leaseReport(9, [0.8]), 7)).toBe(false);
  expect(take(leaseReport(9, [0.7, 0.8]), 7)).toBe(true);
  expect(one.isOver(0, 0)).toBe(true);
  expect(one.settle(7)).toEqual({
    round: 9,
    commits: [
      { round: 7, loss: 0.7, workers: [0], ago: 10 },
      { round: 8, loss: 0.8, workers: [0], ago: 0 },
    ],
    ...{ pace: 10, there: [0], ahead: [], missing: [] },
  });
  expect(take(leaseReport(9, [0.7, 0.8]), 7)).toBe(false);
  one.grant(grants(0), members(1), 7);
  // This is after another message arrived.
  take(leaseReport(9, [0.7, 0.8]), 8);
  expect(one.settle(8).commits).toMatchObject([{ round: 8 }]);
});

test("a shared lease ends when all have reported, or some have and the others take too long", () => {
  const three = leases({ parts: 3 });
  const share = (): number | undefined => three.grant(grants(0, 1, 2), members(3), 7)?.barrier;
  const tell = (worker: number, rounds: number, lease = memory.number): boolean =>
    three.take(leaseReport(7 + rounds, Array(rounds).fill(0.5), worker, [0, 1, 2], lease), 7, 1000);
  share();
  expect(tell(0, 2, memory.number - 1)).toBe(false);
  tell(0, 2);
  tell(1, 2);
  expect([three.isOver(60, 1060), three.isOver(60, 1061)]).toEqual([false, true]);
  expect(three.settle(7)).toMatchObject({ round: 9, there: [0, 1], ahead: [], missing: [2] });
  share();
  // A round that only one of them reports was not done by all.
  tell(1, 3);
  tell(2, 2);
  // The coordinator does not wait for a worker that is gone, and its earlier report counts.
  three.leave(1);
  three.leave(0);
  expect(memory.closed).toBe(true);
  expect(three.isOver(60, 1000)).toBe(true);
  expect(three.settle(7)).toMatchObject({ round: 9, there: [2], ahead: [], missing: [] });
  share();
  for (const worker of [0, 1, 2]) tell(worker, worker === 1 ? 3 : 2);
  const { commits, ...settled } = three.settle(7);
  expect(settled).toMatchObject({ round: 9, there: [0, 2], ahead: [1], missing: [] });
  expect(commits.map(({ workers }) => workers)).toEqual([
    [0, 1, 2],
    [0, 1, 2],
  ]);
});

test("a lease is over well before its holder would be taken for stuck", () => {
  expect(leases({ step: 400 }).grant(grants(0), members(1), 0)?.milliseconds).toBe(100);
});

test("a round that could not be done under a lease is done under supervision, and the next one is not", () => {
  const one = leases();
  one.grant(grants(0), members(1), 7);
  one.refuse(7);
  expect(one.holders).toEqual([]);
  expect(one.grant(grants(0), members(1), 7)).toBeUndefined();
  expect(one.grant(grants(0), members(1), 8)).toBeDefined();
});

test("a worker goes on by itself until the round, the time or the need is over", () => {
  const held = new HeldLease(7, { until: 9, milliseconds: 250, holders: [0] }, 1000);
  expect([held.round, held.rounds(1249), held.pace]).toEqual([7, 1, 0]);
  held.done([0.5], 1100);
  expect([held.round, held.losses, held.milliseconds, held.pace]).toEqual([8, [0.5], 100, 100]);
  expect([held.rounds(1100), held.rounds(1210)]).toEqual([1, 0]);
  held.done([0.4], 1200);
  expect(held.rounds(1201)).toBe(0);
  expect(held.isOver).toBe(false);
  held.end();
  expect(held.isOver).toBe(true);
});

test("it does as many rounds in one call as fit into the time, and at least one", () => {
  const lease = { until: 1000, milliseconds: 500, holders: [0] };
  const held = new HeldLease(0, lease, 0, 40);
  // One call takes at most half of the time, so that the worker reads its messages in between.
  expect(held.rounds(0)).toBe(6);
  held.done(Array(6).fill(0.5), 240);
  expect(held.rounds(240)).toBe(6);
  held.done(Array(6).fill(0.5), 485);
  expect(held.rounds(485)).toBe(0);
  const slow = new HeldLease(0, lease, 0, 7000);
  expect(slow.rounds(0)).toBe(1);
  slow.done([0.5], 9000);
  expect(slow.rounds(9000)).toBe(0);
  expect(new HeldLease(999, lease, 0, 1).rounds(0)).toBe(1);
});
