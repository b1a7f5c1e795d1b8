/** A deep model with batch normalisation and dropout under simulated faults: its bits depend neither on workers nor on what fails. */
import { describe, expect, it } from "vitest";
import { CheckpointStore } from "../../src/checkpoint/store.js";
import { PortableCollective } from "../../src/collective/portable-collective.js";
import { openReferenceDevice } from "../../src/device/reference/reference-device.js";
import { toLearnerState, toTrainerState } from "../../src/distributed/trainer-state.js";
import { batchNorm, dense, dropout, sequential } from "../../src/model/layers/layers.js";
import { mse } from "../../src/model/losses/losses.js";
import { diloco } from "../../src/strategies/diloco.js";
import { localSgd } from "../../src/strategies/local-sgd.js";
import { BulkRounds } from "../../src/strategies/rounds/bulk-rounds.js";
import { GradientRounds } from "../../src/strategies/rounds/gradient-rounds.js";
import {
  type ReplicaProgram,
  type ReplicaVectors,
  replicaVectors,
  roundAt,
} from "../../src/strategies/rounds/replica.js";
import type { StrategyFactory } from "../../src/strategies/strategy.js";
import { strategyRun } from "../../src/strategies/strategy-run.js";
import { streamingDiloco } from "../../src/strategies/streaming-diloco.js";
import { parseConfig } from "../../src/training/config/config.js";
import { fromCheckpoint, toCheckpoint } from "../../src/training/run-folder/snapshot.js";
import type { ModelFactory } from "../../src/training/task/own-model.js";
import { type Task, taskOf } from "../../src/training/task/task.js";
import { ModelWorkload } from "../../src/workload/model.js";
import { SimulatedWorld } from "../../src/world/simulated/world.js";
import { difference } from "./faultless.js";
import { type Misfortune, misfortunesOf, schedule } from "./schedule.js";
import { SimulatedRun } from "./simulated-run.js";
import { applyRounded, dataset, IMAGES } from "./small-training.js";

const { features } = dataset.train;
const [PARTS, BATCH, STEPS] = [7, 14, 8];
const WORKERS = [1, 2, 3, 7];

const deep: ModelFactory = () => {
  const block = () => [dense(4, { activation: "tanh" }), batchNorm(), dropout(0.1)];
  return { model: sequential([...Array.from({ length: 7 }, block).flat(), dense(features)]), loss: mse() };
};

const config = parseConfig({
  ...{ model: { module: "file:///deep.mjs" }, rowFacts: { features }, strategy: { module: "file:///mine.mjs" } },
  ...{ batch: BATCH, parts: PARTS, steps: STEPS, lr: 0.01 },
});
const task = taskOf(config, features, deep) as Task;
const workload = new ModelWorkload({ task, batch: BATCH, steps: STEPS, seed: 0 });

function bulk(factory: StrategyFactory): ReplicaProgram {
  const run = strategyRun(workload, { ...config, images: IMAGES, steps: STEPS, rate: () => 0.1 });
  return new BulkRounds(workload, factory({}, run));
}

/** The same rounds without actors, one part after the other. */
async function undisturbed(rounds: ReplicaProgram): Promise<ReplicaVectors> {
  const device = openReferenceDevice();
  const replica = await rounds.open(device, dataset);
  const vector = (): Float32Array => new Float32Array(rounds.length);
  const { vectors, scalars } = rounds.initialState();
  const own = replicaVectors(rounds);
  const { local = 0 } = rounds;
  replica.restore(0, { vectors: vectors.slice(0, own), scalars });
  const locals = Array.from({ length: PARTS }, (_, part) =>
    vectors.slice(own + part * local, own + (part + 1) * local),
  );
  for (let round = 0; round < roundAt(rounds, STEPS); round++) {
    const elements = rounds.elements?.(round) ?? rounds.length;
    const contributions: Float32Array[] = [];
    for (let part = 0; part < PARTS; part++) {
      contributions.push(new Float32Array(elements));
      const next = Array.from({ length: local }, vector);
      await replica.contribute(part, contributions[part], { now: locals[part], next });
      locals[part] = next;
    }
    const sum = new Float32Array(elements);
    await new PortableCollective().sum(contributions, sum);
    await applyRounded(replica, rounds, sum, (part) => contributions[part]);
  }
  const state = Array.from({ length: own }, vector);
  await replica.save(state);
  device.destroy();
  return { vectors: [...state, ...locals.flat()], scalars: [] };
}

/** The lives of a run, each of which resumes from the last checkpoint of the one before. */
async function struck(
  seed: number,
  workers: number,
  rounds: ReplicaProgram,
  lives: readonly (readonly Misfortune[])[],
) {
  const world = new SimulatedWorld(seed);
  const store = await CheckpointStore.open(world, "/checkpoints", { keep: 3 });
  const end = roundAt(rounds, STEPS);
  for (const [life, misfortunes] of lives.entries()) {
    const stored = await store.loadLatest();
    const from = stored && {
      round: roundAt(rounds, stored.step),
      state: toLearnerState(config, fromCheckpoint(stored, deep).state, rounds.names),
    };
    const run = await SimulatedRun.start(world, {
      ...{ workers, parts: PARTS, program: rounds, from, life },
      triggers: { rounds: end, snapshotEvery: 4, evaluateEvery: 2, checkpointEvery: 1, program: rounds },
      save: async (round, state) => {
        const trained = toTrainerState(config, rounds.stepAt(round), state, rounds.names);
        return store.save(toCheckpoint(task.network, config, trained, IMAGES));
      },
    });
    schedule({ run, world, workers }, misfortunes, life);
    const finished = await run.finish();
    if (finished?.snapshot.round === end) return { finished, told: run.told };
  }
  throw new Error("the last life was not to end early");
}

const KINDS = [
  ...(["killWorker", "killAllWorkers", "killCoordinator", "hangWorker", "panicWorker"] as const),
  ...(["loseDevice", "flipBit", "spoilGradient", "cutOneWay", "stop"] as const),
];

describe.each<[string, () => ReplicaProgram]>([
  ["whole steps", () => new GradientRounds({ workload, config })],
  ["local SGD", () => bulk((_, run) => localSgd({ H: 2 }, run))],
  ["DiLoCo", () => bulk((_, run) => diloco({ H: 2 }, run))],
  ["streaming DiLoCo", () => bulk((_, run) => streamingDiloco({ H: 4, fragments: 2 }, run))],
])("eight dense layers with batch normalisation and dropout, by %s", (_, rounds) => {
  it("end with the same bits on 1, 2, 3 and 7 workers, whatever strikes", async () => {
    const expected = await undisturbed(rounds());
    let survived = 0;
    for (const [seed, workers] of WORKERS.entries()) {
      const lives = [misfortunesOf(seed, KINDS, 4), misfortunesOf(seed + 7, KINDS, 2), []];
      const { finished, told } = await struck(seed, workers, rounds(), lives);
      expect([workers, difference(finished.state, expected)]).toEqual([workers, undefined]);
      survived += told.failures.length;
    }
    expect(survived).toBeGreaterThan(0);
    const { layout, parameters } = task.flat;
    const variances = layout.tensors.filter(({ name }) => name.endsWith(".variance"));
    expect(variances).toHaveLength(7);
    for (const { offset, columns } of variances) {
      expect(offset).toBeGreaterThanOrEqual(parameters);
      const values = expected.vectors[0].subarray(offset, offset + columns);
      // Averages of variances, which no momentum of a strategy has made negative, and which steps have moved from 1.
      for (const value of values) expect(value > 0 && value !== 1).toBe(true);
    }
  });
});

it("takes the mean of what parts see, each by its rows", async () => {
  const rounds = bulk((_, run) => localSgd({ H: 1 }, run)) as BulkRounds;
  const shares = Array.from({ length: PARTS }, (_, part) => rounds.shareOf(0, part));
  expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
  const whole = await undisturbed(new GradientRounds({ workload, config }));
  const first = await undisturbedRounds(rounds, 1);
  const same = await undisturbedRounds(new GradientRounds({ workload, config }), 1);
  const { parameters } = task.flat;
  // After one step the running averages do not know by which strategy parts were combined.
  const [a, b] = [first, same].map((vector) => vector.subarray(parameters));
  for (const [i, value] of a.entries()) expect(value).toBeCloseTo(b[i], 5);
  expect(whole.vectors[0].subarray(parameters)).not.toEqual(b);
});

async function undisturbedRounds(rounds: ReplicaProgram, count: number): Promise<Float32Array> {
  const device = openReferenceDevice();
  const replica = await rounds.open(device, dataset);
  const { vectors, scalars } = rounds.initialState();
  const own = replicaVectors(rounds);
  const { local = 0 } = rounds;
  replica.restore(0, { vectors: vectors.slice(0, own), scalars });
  const zeros = (): Float32Array[] => Array.from({ length: local }, () => new Float32Array(rounds.length));
  for (let round = 0; round < count; round++) {
    const parts = Array.from({ length: PARTS }, () => new Float32Array(rounds.length));
    for (const [part, out] of parts.entries()) await replica.contribute(part, out, { now: zeros(), next: zeros() });
    const sum = new Float32Array(rounds.length);
    await new PortableCollective().sum(parts, sum);
    await replica.apply(sum);
  }
  const state = Array.from({ length: own }, () => new Float32Array(rounds.length));
  await replica.save(state);
  device.destroy();
  return state[0];
}
