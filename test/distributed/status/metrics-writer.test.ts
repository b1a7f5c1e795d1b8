import { expect, test } from "vitest";
import type { Commit } from "../../../src/cluster/journal/journal-protocol.js";
import { MetricsWriter } from "../../../src/distributed/status/metrics-writer.js";
import { StatusBoard } from "../../../src/distributed/status/status-board.js";
import { planNew } from "../../../src/training/plan.js";
import { RunFiles } from "../../../src/training/run-folder/run-files.js";
import { RunLog } from "../../../src/training/run-folder/run-log.js";
import { SimulatedWorld } from "../../../src/world/simulated/world.js";
import { config, dataset } from "../../simulation/small-training.js";

const BATCH = config.batch;
const STEPS = 13;
const commit = (round: number, loss: number): Commit => ({ round, loss, workers: [0] });

/** The record of a run whose rounds have three steps each, except for the last one, which has one. */
async function record(stepAt = (round: number): number => Math.min(STEPS, 3 * round)) {
  const world = new SimulatedWorld(1);
  const plan = planNew({ ...config, steps: STEPS }, { ...dataset, name: "small", source: "" });
  const files = await RunFiles.open(world, "/run", plan);
  const { folder } = files;
  const steps: number[] = [];
  const board = new StatusBoard({
    clock: world.clock,
    ...{ step: 0, steps: STEPS, images: 20, batch: BATCH, imagesPerPart: 3 * BATCH, devices: ["cpu"] },
  });
  const told = new MetricsWriter({
    ...{ clock: world.clock, log: new RunLog({ world, plan, files }), board },
    stepAt,
    advance: (round) => (round < 4 ? { steps: 3, images: 3 * BATCH } : { steps: 1, images: BATCH }),
    learningRate: (step) => step / 100,
    onStep: (step) => steps.push(step),
    onCheckpoint: () => undefined,
    onEnd: () => undefined,
  });
  return { world, folder, board, told, steps };
}

test("rounds of several steps are told as steps", async () => {
  const { world, folder, board, told, steps } = await record();
  const commits = [0, 1, 2, 3, 4].map((round) => commit(round, round));
  for (const one of commits) {
    await world.time.advance(1000);
    told.progressed(one);
  }
  told.committed(commits.slice(0, 2));
  told.committed(commits.slice(2));
  told.checkpointed(2, "/run/checkpoints/2");
  told.noCheckpoint(3, new Error("full"));
  await folder.flush();
  expect(steps).toEqual([3, 6, 9, 12, 13]);
  expect(board.status.step).toBe(STEPS);
  expect((await folder.events()).slice(1)).toMatchObject([
    { event: "steps", step: 6, time: 2, loss: 0.5, learningRate: 0.05, imagesPerSecond: 3 * BATCH },
    { event: "steps", step: 13, time: 5, loss: 19 / 7, learningRate: 0.12, imagesPerSecond: (7 / 3) * BATCH },
    { event: "checkpoint", step: 6, path: "/run/checkpoints/2" },
    { event: "warning", step: 9, message: "no checkpoint at step 9: full" },
  ]);
});

test("the parts that counted, where a quorum of them is enough, are in the record", async () => {
  const { folder, told } = await record();
  const commits = [0, 1].map((round) => ({ ...commit(round, 1), parts: [0, 2 - round] }));
  for (const one of commits) told.progressed(one);
  told.committed(commits);
  await folder.flush();
  expect((await folder.events()).at(-1)).toMatchObject({
    event: "steps",
    parts: [
      [0, 2],
      [0, 1],
    ],
  });
});

test("the status counts the images of all steps of a round, has no rate before there is one, and none that is stale", async () => {
  const { world, board, told } = await record();
  await world.time.advance(700);
  told.progressed(commit(0, 1));
  expect(board.status).not.toHaveProperty("imagesPerSecond");
  await world.time.advance(1000);
  told.progressed(commit(1, 1));
  expect(board.status.imagesPerSecond).toBe(3 * BATCH);
  await world.time.advance(5000);
  expect(board.status.imagesPerSecond).toBe(0);
});

test("a failure is told with the faults that it came of, and with the longest time between two rounds since they struck", async () => {
  const { world, folder, told } = await record();
  const done = async (round: number, after: number) => {
    await world.time.advance(after);
    told.progressed(commit(round, 1));
  };
  await done(0, 100);
  await world.time.advance(50);
  told.injected(7, "hang worker-0 for 5s", "worker-0");
  // Other workers compute its part, so training continues before the worker counts as hung.
  await done(1, 800);
  await world.time.advance(300);
  const failure = {
    ...{ target: "worker-0", failure: "it hung", faults: [7], stepsLost: 0, away: true },
    noticed: world.clock.now(),
  };
  told.failed(failure);
  await done(2, 100);
  told.recovered(failure, world.clock.now());
  told.rejoined("worker-0");
  const alone = { ...failure, faults: [], noticed: world.clock.now() };
  told.failed(alone);
  await done(3, 250);
  await done(4, 50);
  told.recovered(alone, world.clock.now());
  await folder.flush();
  expect((await folder.events()).slice(1)).toMatchObject([
    { event: "fault", id: 7, time: 0.15, step: 3 },
    { event: "recovery", faults: [7], away: true, noticed: 1.25, resumed: 1.35, waitedFrom: 0.15, waited: 0.8 },
    { event: "rejoin", target: "worker-0", time: 1.35 },
    { event: "recovery", faults: [], waitedFrom: 1.35, waited: 0.25 },
  ]);
});

test("a checkpoint that was made to fail is told with the fault", async () => {
  const { folder, told } = await record();
  const cause = Object.assign(new Error("full"), { fault: 3 });
  told.noCheckpoint(1, new Error("cannot write", { cause }));
  await folder.flush();
  expect((await folder.events()).at(-1)).toMatchObject({ event: "warning", fault: 3 });
});

test("what is told late has the time at which it was done, and time does not go back", async () => {
  const { world, folder, told } = await record();
  await world.time.advance(1000);
  const commits = [0, 1, 2].map((round) => ({ ...commit(round, 1), ago: 300 - 100 * round }));
  for (const one of commits) told.progressed(one);
  // These steps are reported together with the earlier ones, but with their own later times.
  told.progressed({ ...commit(3, 1), ago: 250 });
  for (const one of [...commits, commit(3, 1)]) told.committed([one]);
  await folder.flush();
  const events = (await folder.events()).filter(({ event }) => event === "steps");
  expect(events.map(({ time }) => time)).toEqual([0.7, 0.8, 0.9, 0.9]);
});

test("the exchanges of a round are told together: one loss, and the bytes of all", async () => {
  const { folder, told } = await record((round) => 3 * Math.floor(round / 2));
  // Two exchanges make a round of three steps; the last commit is the first exchange of a round that is not whole yet.
  const exchange = (round: number): Commit => ({
    round,
    workers: [0],
    bytes: 100,
    ...(round % 2 === 0 && { loss: round }),
  });
  told.committed([exchange(0)]);
  told.committed([exchange(1), exchange(2), exchange(3), exchange(4)]);
  await folder.flush();
  const steps = (await folder.events()).filter(({ event }) => event === "steps");
  expect(steps).toMatchObject([{ step: 6, loss: 1, bytes: 400 }]);
});
