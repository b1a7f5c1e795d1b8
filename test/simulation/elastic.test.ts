/** Workers that join and leave while a run goes on: the bits are those of the parts added one after the other. */
import { describe, expect, test } from "vitest";
import { Random } from "../../src/world/random.js";
import { simulate } from "../../src/world/simulated/simulate.js";
import { SimulatedWorld } from "../../src/world/simulated/world.js";
import { FULL } from "../support/full.js";
import { difference, faultless } from "./faultless.js";
import { type Kind, misfortunesOf, schedule } from "./schedule.js";
import { SimulatedRun, type SimulatedRunOptions, SPARSE } from "./simulated-run.js";
import { ROUNDS } from "./small-training.js";

function start(options: SimulatedRunOptions, seed = 1): Promise<SimulatedRun> {
  return SimulatedRun.start(new SimulatedWorld(seed), options);
}

/** Calls each function once, after its round has been committed. */
function at(run: SimulatedRun, actions: Readonly<Record<number, () => void>>): void {
  const due = new Map(Object.entries(actions).map(([round, action]) => [Number(round), action]));
  run.told.onProgress = (reached) => {
    for (const [round, action] of [...due]) {
      if (reached < round) continue;
      due.delete(round);
      action();
    }
  };
}

const LONG = { ...SPARSE, rounds: 600 };

test("workers join and leave: every round is committed once, nothing fails, and the bits are the same", async () => {
  const run = await start({ workers: 4, first: 2, parts: 4 });
  at(run, { 3: () => expect(run.cluster.join(1)).toEqual([2]), 9: () => expect(run.cluster.leave(0)).toBe(true) });
  const finished = await run.finish();
  expect(finished && difference(finished.state, await faultless(4))).toBeUndefined();
  expect(run.told.commits.map(({ round }) => round)).toEqual(Array.from({ length: ROUNDS }, (_, round) => round));
  expect(run.told.failures).toEqual([]);
  expect(run.told.departures).toEqual(["worker-0"]);
  const last = run.told.commits.at(-1)?.workers ?? [];
  expect(last).not.toContain(0);
  expect(last).toContain(2);
});

test("a worker that has left may join again, and no more join than there is room for", async () => {
  const run = await start({ workers: 3, first: 3, parts: 3, triggers: LONG });
  let joined: readonly number[] = [];
  at(run, {
    20: () => expect(run.cluster.join(1)).toEqual([]),
    40: () => run.cluster.leave(1),
    400: () => {
      expect(run.cluster.leave(1)).toBe(false);
      joined = run.cluster.join(5);
    },
  });
  const finished = await run.finish();
  expect(finished?.snapshot.round).toBe(LONG.rounds);
  expect(joined).toEqual([1]);
  // A lease ends before a worker leaves.
  const between = run.told.commits.slice(250, 400).flatMap(({ workers }) => workers);
  expect(new Set(between)).toEqual(new Set([0, 2]));
  expect(run.told.commits.at(-1)?.workers).toContain(1);
  expect(run.told.failures).toEqual([]);
});

test("the last worker leaves its state behind: the next one goes on from there, and no round is done again", async () => {
  const world = new SimulatedWorld(1);
  const run = await SimulatedRun.start(world, { workers: 2, first: 1, parts: 2, triggers: LONG });
  const progress: number[] = [];
  run.told.onProgress = (round) => {
    progress.push(round);
    if (round === 50) run.cluster.leave(0);
  };
  await world.time.advance(10_000);
  expect(run.told.departures).toEqual(["worker-0"]);
  expect(progress.length).toBeLessThan(60);
  run.cluster.join(1);
  expect((await run.finish())?.snapshot.round).toBe(LONG.rounds);
  expect(progress).toEqual(Array.from({ length: LONG.rounds }, (_, round) => round));
});

test("with fewer workers than the least the run waits, and its state stays where it is", async () => {
  const world = new SimulatedWorld(1);
  const run = await SimulatedRun.start(world, { workers: 4, first: 2, least: 2, parts: 4, triggers: LONG });
  const progress: number[] = [];
  run.told.onProgress = (round) => {
    progress.push(round);
    if (round === 50) run.cluster.leave(1);
  };
  await world.time.advance(10_000);
  expect(progress.length).toBeLessThan(60);
  run.cluster.join(1);
  expect((await run.finish())?.snapshot.round).toBe(LONG.rounds);
  expect(progress).toEqual(Array.from({ length: LONG.rounds }, (_, round) => round));
});

test("a run that waits for workers can be stopped, and ends with a checkpoint of where it is", async () => {
  const world = new SimulatedWorld(1);
  const run = await SimulatedRun.start(world, { workers: 2, least: 2, parts: 2, triggers: LONG });
  at(run, { 50: () => run.cluster.leave(1) });
  await world.time.advance(5000);
  const { progress } = run.told;
  run.cluster.stop();
  expect((await run.finish())?.snapshot.round).toBe(progress + 1);
});

const SEEDS = FULL ? 500 : 60;
/** Damage of a replica is found by a vote, and the only other replica may have left. */
const KINDS: readonly Kind[] = [
  ...(["joinWorkers", "leaveWorker", "joinWorkers", "leaveWorker"] as const),
  ...(["killWorker", "killAllWorkers", "killCoordinator", "hangWorker", "hangCoordinator", "panicWorker"] as const),
  ...([
    "panicCoordinator",
    "stickWorker",
    "loseDevice",
    "flipBit",
    "spoilGradient",
    "cutOneWay",
    "cutBothWays",
  ] as const),
];

describe("whatever strikes besides", () => {
  test(`the bits are those of the undisturbed run: ${SEEDS} seeds`, async () => {
    let moved = 0;
    await simulate({ first: Number(process.env.FIRST ?? 0), seeds: SEEDS }, async (world) => {
      const random = new Random(world.seed, 57);
      const parts = 2 + random.below(3);
      const workers = Math.min(parts, 2 + random.below(3));
      const first = 1 + random.below(workers);
      const lossy = { drop: 0.03, double: 0.05, reorder: 0.05, late: 20 };
      const run = await SimulatedRun.start(world, {
        ...{ workers, first, parts, least: 1 + random.below(first) },
        ...{ faults: random.uniform() < 0.5 ? lossy : {}, triggers: random.uniform() < 0.5 ? SPARSE : {} },
      });
      schedule({ run, world, workers }, misfortunesOf(world.seed, KINDS, 8), 0);
      // So many are there in the end that the run need not wait.
      const cancel = every(world, 8000, () => run.cluster.join(workers));
      const finished = await run.finish();
      cancel();
      expect(finished && difference(finished.state, await faultless(parts))).toBeUndefined();
      expect(run.told.commits.map(({ round }) => round)).toEqual(Array.from({ length: ROUNDS }, (_, round) => round));
      expect(run.host.living.size).toBe(0);
      expect(world.time.pending).toBe(0);
      moved += run.told.departures.length;
    });
    expect(moved).toBeGreaterThan(SEEDS / 4);
  });
});

function every(world: SimulatedWorld, milliseconds: number, action: () => void): () => void {
  let cancel = (): void => undefined;
  const again = (): void => {
    cancel = world.timers.after(milliseconds, () => {
      action();
      again();
    });
  };
  again();
  return () => cancel();
}
