import { expect, test } from "vitest";
import { Leases } from "../../src/distributed/leases.js";
import type { Member } from "../../src/distributed/member.js";
import type { Led } from "../../src/distributed/protocol.js";
import { Solo } from "../../src/distributed/solo.js";

const milestones = {
  rounds: 1000,
  stepsPerRound: 1,
  snapshotEvery: 100,
  evaluateEvery: 1000,
  checkpointEvery: 1000,
  images: 1000,
  batch: 10,
};
const members = (count: number): Member[] => Array.from({ length: count }, (_, index) => ({ index }) as Member);
const leases = (place = {}): Leases => new Leases({ milestones, parts: 1, step: Number.POSITIVE_INFINITY, ...place });

test("there is a lease for the only worker, where a round has one part, up to the next milestone", () => {
  const one = leases();
  expect(one.grant(members(2), 7)).toBeUndefined();
  expect(leases({ parts: 2 }).grant(members(1), 7)).toBeUndefined();
  expect(one.holder).toBeUndefined();
  expect(one.grant(members(1), 7)).toEqual({ until: 100, milliseconds: 750 });
  expect(one.holder).toBe(0);
  one.end();
  expect(one.holder).toBeUndefined();
  expect(one.grant(members(1), 100)?.until).toBe(200);
});

test("a lease ends where something is made to fail", () => {
  expect(leases({ faultRounds: [3, 42, 60] }).grant(members(1), 7)?.until).toBe(42);
});

test("what is told counts once: from the round at hand on, and of the holder", () => {
  const one = leases();
  const led = (round: number, losses: number[], worker = 0): Led => ({
    ...{ kind: "led", epoch: 1, worker, round, losses, milliseconds: 10 * losses.length },
  });
  expect(one.news(led(9, [0.7, 0.8]), 7)).toBeUndefined();
  one.grant(members(1), 7);
  expect(one.news(led(9, [0.7, 0.8]), 7)).toEqual([
    { round: 7, loss: 0.7, workers: [0], ago: 10 },
    { round: 8, loss: 0.8, workers: [0], ago: 0 },
  ]);
  expect(one.news(led(9, [0.7, 0.8], 1), 7)).toBeUndefined();
  // Told again, and in the next lease, after a word that came between.
  expect(one.news(led(9, [0.7, 0.8]), 8)).toMatchObject([{ round: 8 }]);
  expect(one.news(led(9, [0.7, 0.8]), 9)).toEqual([]);
  expect(one.news(led(9, [0.7, 0.8]), 10)).toBeUndefined();
  // From a round that nobody led it to.
  expect(one.news(led(9, [0.8]), 7)).toBeUndefined();
});

test("a lease is over well before its holder would be taken for stuck", () => {
  expect(leases({ step: 400 }).grant(members(1), 0)?.milliseconds).toBe(100);
});

test("a round that could not be done alone is done under supervision, and the next one is not", () => {
  const one = leases();
  one.grant(members(1), 7);
  one.refuse(7);
  expect(one.holder).toBeUndefined();
  expect(one.grant(members(1), 7)).toBeUndefined();
  expect(one.grant(members(1), 8)).toBeDefined();
});

test("a worker goes on alone until the round, the time or the need is over", () => {
  const solo = new Solo(7, { until: 9, milliseconds: 250 }, 1000);
  expect([solo.round, solo.rounds(1249), solo.pace]).toEqual([7, 1, 0]);
  solo.done([0.5], 1100);
  expect([solo.round, solo.losses, solo.milliseconds, solo.pace]).toEqual([8, [0.5], 100, 100]);
  expect([solo.rounds(1100), solo.rounds(1210)]).toEqual([1, 0]);
  solo.done([0.4], 1200);
  expect(solo.rounds(1201)).toBe(0);
  const ended = new Solo(0, { until: 9, milliseconds: 250 }, 0);
  ended.end();
  expect(ended.rounds(0)).toBe(0);
});

test("of the rounds that there is time for it does as many in one go, but one in any case", () => {
  const lease = { until: 1000, milliseconds: 500 };
  const solo = new Solo(0, lease, 0, 40);
  // In half of it, to hear what others have to say.
  expect(solo.rounds(0)).toBe(6);
  solo.done(Array(6).fill(0.5), 240);
  expect(solo.rounds(240)).toBe(6);
  solo.done(Array(6).fill(0.5), 485);
  expect(solo.rounds(485)).toBe(0);
  const slow = new Solo(0, lease, 0, 7000);
  expect(slow.rounds(0)).toBe(1);
  slow.done([0.5], 9000);
  expect(slow.rounds(9000)).toBe(0);
  expect(new Solo(999, lease, 0, 1).rounds(0)).toBe(1);
});
