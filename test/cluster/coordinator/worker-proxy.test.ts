import { expect, test } from "vitest";
import type { Ref } from "../../../src/actor/ref.js";
import { ActorSystem } from "../../../src/actor/system.js";
import { Membership } from "../../../src/cluster/coordinator/membership.js";
import { recoveryPoint, unreportedCommits } from "../../../src/cluster/coordinator/recovery-point.js";
import { type RoundSource, WorkerProxy } from "../../../src/cluster/coordinator/worker-proxy.js";
import type { ToWorker } from "../../../src/cluster/protocol.js";
import { SUMS } from "../../../src/tensors/tensor-store.js";
import { SimulatedWorld } from "../../../src/world/simulated/world.js";

const world = new SimulatedWorld(1);
const system = new ActorSystem({ world });
let made = 0;

function member(index: number, reported?: WorkerProxy["reported"], deviceKind = "cpu") {
  const messages: ToWorker[] = [];
  const ref: Ref<ToWorker> = system.spawn(`worker-${made++}`, () => ({
    receive: (message: ToWorker) => {
      messages.push(message);
    },
  }));
  return { member: new WorkerProxy({ index, incarnation: 1, ref, deviceKind }, reported), messages };
}

const rounds = (number: number): RoundSource => ({ number, sum: (round) => 100 + round });
const roundsOf = (messages: readonly ToWorker[]): number[] =>
  messages.flatMap((m) => (m.kind === "advance" ? m.round : []));

test("a worker applies every round that it missed, and computes parts of the last", async () => {
  const { member: one, messages } = member(0);
  one.activate(3);
  expect(one.advance(rounds(5), [{ part: 1, attempt: 0 }], 10)).toBe(true);
  await world.time.advance(1);
  expect(messages).toMatchObject([
    { kind: "advance", round: 4, sum: 103, parts: [] },
    { kind: "advance", round: 5, sum: 104, parts: [{ part: 1 }] },
  ]);
  one.advance(rounds(5), [], 11);
  await world.time.advance(1);
  expect(roundsOf(messages)).toEqual([4, 5, 5]);
});

test("what may be lost is sent again from the last confirmed round", async () => {
  const { member: one, messages } = member(0);
  one.activate(3);
  one.advance(rounds(4), [], 1);
  one.advance(rounds(5), [], 2);
  one.advanceAgain(rounds(5), [], 3);
  await world.time.advance(1);
  expect(roundsOf(messages)).toEqual([4, 5, 4, 5]);
});

test("a worker that is silent for longer than sums are kept is restored when it returns", () => {
  const { member: one } = member(0);
  one.activate(0);
  expect(one.advance(rounds(SUMS - 2), [], 0)).toBe(true);
  expect(one.advance(rounds(SUMS - 1), [], 0)).toBe(false);
  const members = new Membership();
  members.add(one);
  expect([members.active, members.stale]).toEqual([[], []]);
  one.hear(0);
  expect(members.stale).toEqual([one]);
});

test("the wait for an answer begins with the first message", () => {
  const { member: one } = member(0);
  one.activate(0);
  one.advance(rounds(1), [], 5);
  one.advanceAgain(rounds(1), [], 50);
  expect(one.asked.hasWaited(100, 105)).toBe(false);
  expect(one.asked.hasWaited(100, 106)).toBe(true);
  expect(one.asked.hasWaited(100, 150)).toBe(false);
  one.hear(1);
  expect(one.asked.hasWaited(100, 1000)).toBe(false);
});

test("a worker without a measured pace counts with the mean pace of the others", () => {
  const members = new Membership();
  for (const [index, pace] of [10, 30, 0].entries()) {
    const { member: one } = member(index);
    one.activate(0);
    if (pace > 0) one.measured(pace);
    members.add(one);
  }
  expect(members.available.map(({ pace }) => pace)).toEqual([10, 30, 20]);
});

test("a coordinator begins where most replicas are, no later than the log, and never with a contradiction", () => {
  const at = (index: number, round: number, digest: string, kind?: string) =>
    member(index, { round, digest, losses: [], milliseconds: 0, holders: [] }, kind).member;
  const [a, b, c] = [at(0, 6, "x"), at(1, 6, "x"), at(2, 7, "y")];
  expect(recoveryPoint([a, b, c], 4, 9)).toEqual({ round: 6, members: [a, b] });
  expect(recoveryPoint([a, c], 4, 9)).toEqual({ round: 7, members: [c] });
  expect(recoveryPoint([a, c], 4, 6)).toEqual({ round: 6, members: [a] });
  expect(recoveryPoint([a, b, c], 7, 9)).toBeUndefined();
  expect(recoveryPoint([member(0).member], 0, 9)).toBeUndefined();
  // The replicas should be equal, but one of them is damaged.
  expect(recoveryPoint([a, b, at(3, 6, "z")], 4, 9)).toBeUndefined();
  expect(recoveryPoint([a, b, at(3, 6, "z", "gpu")], 4, 9)).toEqual({ round: 6, members: [a, b] });
});

test("rounds under a lease continue the log, unless there is a gap", () => {
  const { member: one } = member(2, { round: 9, digest: "x", losses: [0.6, 0.7, 0.8], milliseconds: 30, holders: [2] });
  const other = member(3, { round: 5, digest: "y", losses: [], milliseconds: 0, holders: [] }).member;
  const commits = (committed: number) =>
    unreportedCommits([other, one], committed).map(({ round, loss }) => [round, loss]);
  const [six, seven, eight] = [6, 7, 8].map((round) => [round, round / 10]);
  expect(commits(6)).toEqual([six, seven, eight]);
  expect(commits(7)).toEqual([seven, eight]);
  expect(commits(9)).toEqual([]);
  expect(commits(5)).toEqual([]);
  expect(unreportedCommits([one], 7)).toMatchObject([
    { workers: [2], ago: 10 },
    { workers: [2], ago: 0 },
  ]);
});
