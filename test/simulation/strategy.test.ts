/** A strategy with every feature, under simulated faults: its bits are those of the run without faults. */
import { describe, expect, test } from "vitest";
import { CheckpointStore } from "../../src/checkpoint/store.js";
import type { Commit } from "../../src/cluster/journal/journal-protocol.js";
import type { Compressor, CompressorFactory } from "../../src/collective/compress/compressor.js";
import { compressors } from "../../src/collective/compress/compressors.js";
import { PortableCollective } from "../../src/collective/portable-collective.js";
import { openReferenceDevice } from "../../src/device/reference/reference-device.js";
import { toLearnerState, toTrainerState } from "../../src/distributed/trainer-state.js";
import { admm } from "../../src/strategies/admm.js";
import { dasgd } from "../../src/strategies/dasgd.js";
import { diloco } from "../../src/strategies/diloco.js";
import { easgd } from "../../src/strategies/easgd.js";
import { federated } from "../../src/strategies/federated/federated.js";
import { localSgd } from "../../src/strategies/local-sgd.js";
import { mapReduce } from "../../src/strategies/map-reduce.js";
import { robust } from "../../src/strategies/robust/robust.js";
import { BulkRounds } from "../../src/strategies/rounds/bulk-rounds.js";
import { checkedCompressor } from "../../src/strategies/rounds/checked-compressor.js";
import { CompressedRounds } from "../../src/strategies/rounds/compressed-rounds.js";
import {
  contributionIn,
  partsOf,
  type ReplicaProgram,
  type ReplicaVectors,
  replicaVectors,
  roundAt,
} from "../../src/strategies/rounds/replica.js";
import { sandblaster } from "../../src/strategies/sandblaster.js";
import { sequential } from "../../src/strategies/sequential.js";
import { slowmo } from "../../src/strategies/slowmo.js";
import type { StrategyFactory } from "../../src/strategies/strategy.js";
import { strategyRun } from "../../src/strategies/strategy-run.js";
import { streamingDiloco } from "../../src/strategies/streaming-diloco.js";
import { synchronous } from "../../src/strategies/synchronous.js";
import type { TrainingConfig } from "../../src/training/config/config.js";
import { fromCheckpoint, toCheckpoint } from "../../src/training/run-folder/snapshot.js";
import { AutoencoderWorkload } from "../../src/workload/autoencoder.js";
import { Random } from "../../src/world/random.js";
import { SimulatedWorld } from "../../src/world/simulated/world.js";
import { halves } from "../strategies/halves.js";
import { FULL } from "../support/full.js";
import { difference } from "./faultless.js";
import { type Misfortune, misfortunesOf, schedule } from "./schedule.js";
import { SimulatedRun } from "./simulated-run.js";
import { applyRounded, config as base, dataset, IMAGES, model, ROUNDS } from "./small-training.js";

const PARTS = 3;
const PHASES = 2;
/** Rounds of the strategy. */
const SHORT = 7;
/** The round in which code fails. */
const WRONG = 5;
const config = { ...base, parts: PARTS, strategy: { module: "file:///everything.mjs" } };

/**
 * It has local state, a sample of the parts, weights, a delay of one round, and two exchanges. The second exchange is of half
 * the vector, and it reads each contribution.
 */
const everything: StrategyFactory = (_, { parts, batch, seed, length, state, rows }) => {
  const half = { offset: 0, length: Math.floor(length / 2) };
  return {
    name: "everything",
    promise: "invariant",
    parts,
    consistency: { kind: "bulk", delay: 1 },
    needs: "each",
    global: [{ name: "parameters", initial: "parameters" }, { name: "mean" }],
    local: [...state.slice(1).map((name) => ({ name })), { name: "residual" }],
    phases: PHASES,
    exchange: (_round, phase) => [phase === 0 ? { offset: 0, length } : half],
    advance: () => ({ steps: 1, samples: batch }),
    participants(round) {
      const left = new Random(seed, round).below(parts + 1);
      return Array.from({ length: parts }, (_, part) => part).filter((part) => part !== left);
    },
    rows: (round, part) => ({ rows: rows(round, 1, part), weight: 1 + part }),
    async contribute(learner, { phase, step, rows: mine, global, latest, local, next, out }) {
      if (phase === 1) {
        // Values far from the mean of this round are kept for the next.
        for (let i = 0; i < out.length; i++) out[i] = latest.mean[i] - local.residual[i];
        learner.vectors.scale(0.5, next.residual);
        return 0;
      }
      const loss = await learner.steps(1, mine, step);
      await learner.save({ parameters: out, ...Object.fromEntries(state.slice(1).map((name) => [name, next[name]])) });
      learner.vectors.axpy(-1, global.parameters, out);
      learner.vectors.copy(out, next.residual);
      return loss / parts;
    },
    async aggregate({ phase, state: { parameters, mean } }, reduce) {
      if (phase === 0) {
        const sum = await reduce.sum();
        for (let i = 0; i < mean.length; i++) mean[i] = sum[i] / reduce.weight;
        for (let i = 0; i < mean.length; i++) parameters[i] += mean[i];
        return;
      }
      for (const part of reduce.parts) {
        const one = await reduce.each(part);
        for (let i = 0; i < one.length; i++) parameters[i] += 0.01 * one[i];
      }
    },
  };
};

/** It falls once. */
const rate = (step: number): number => (step < 4 ? 0.1 : 0.06);

/** @param compression how contributions are encoded; default: as they are */
function program(
  factory: StrategyFactory,
  compression?: CompressorFactory,
  optimizer: TrainingConfig["optimizer"] = "adam",
): ReplicaProgram {
  // SCAFFOLD is for an optimizer that keeps nothing.
  const workload = new AutoencoderWorkload({ model, config: { ...config, optimizer }, steps: ROUNDS });
  const facts = { ...config, images: IMAGES, labels: Uint8Array.from({ length: IMAGES }, (_, i) => i % 4) };
  const strategy = factory({}, strategyRun(workload, { ...facts, steps: ROUNDS, rate }));
  const rounds = new BulkRounds(workload, strategy);
  if (!compression) return rounds;
  const { length, tensors } = model.layout;
  const made = compression({}, { length, tensors, parts: PARTS, seed: config.seed }) as Compressor;
  const compressor = checkedCompressor(made, length);
  const fromParameters = compressor.differences && strategy.contributes === "parameters";
  return new CompressedRounds(rounds, compressor, (vector) => workload.clearGaps(vector), fromParameters);
}

/** The same rounds without actors, one part after the other. */
async function undisturbed(rounds: ReplicaProgram, end: number): Promise<ReplicaVectors> {
  const device = openReferenceDevice();
  const replica = await rounds.open(device, dataset);
  const vector = (): Float32Array => new Float32Array(rounds.length);
  const { vectors } = rounds.initialState();
  const own = replicaVectors(rounds);
  const { local = 0 } = rounds;
  replica.restore(0, { vectors: vectors.slice(0, own), scalars: [] });
  const locals = Array.from({ length: PARTS }, (_, part) =>
    vectors.slice(own + part * local, own + (part + 1) * local),
  );
  for (let round = 0; round < end; round++) {
    const parts = partsOf(rounds, round);
    const contributions = new Map<number, Float32Array>();
    for (const part of parts) {
      const out = contributionIn(rounds, round, vector());
      const next = Array.from({ length: local }, vector);
      const states = { now: locals[part], next };
      if (replica.encode) {
        const whole = vector();
        await replica.contribute(part, whole, states);
        replica.encode(part, whole, states);
        out.set(whole.subarray(0, out.length));
      } else await replica.contribute(part, out, states);
      contributions.set(part, out);
      locals[part] = next;
    }
    const sum = contributionIn(rounds, round, vector());
    await new PortableCollective().sum([...contributions.values()], sum);
    await applyRounded(replica, rounds, sum, (part) => contributions.get(part) as Float32Array);
  }
  const state = Array.from({ length: own }, vector);
  await replica.save(state);
  device.destroy();
  return { vectors: [...state, ...locals.flat()], scalars: [] };
}

/** Runs the lives of a run one after the other. Each resumes from the last checkpoint of the one before. */
async function struck(
  seed: number,
  rounds: ReplicaProgram,
  end: number,
  lives: readonly (readonly Misfortune[])[],
  workers = 1 + (seed % PARTS),
  record: Commit[] = [],
) {
  const world = new SimulatedWorld(seed);
  const store = await CheckpointStore.open(world, "/checkpoints", { keep: 3 });
  for (const [life, misfortunes] of lives.entries()) {
    const stored = await store.loadLatest();
    const from = stored && {
      round: roundAt(rounds, stored.step),
      state: toLearnerState(config, fromCheckpoint(stored).state, rounds.names),
    };
    const run = await SimulatedRun.start(world, {
      ...{ workers, parts: PARTS, program: rounds, from, life },
      triggers: { rounds: end, snapshotEvery: 4, evaluateEvery: 2, checkpointEvery: 1, program: rounds },
      save: async (round, state) => {
        const trained = toTrainerState(config, rounds.stepAt(round), state, rounds.names);
        return store.save(toCheckpoint(model, config, trained, IMAGES));
      },
    });
    schedule({ run, world, workers }, misfortunes, life);
    const finished = await run.finish();
    record.push(...run.told.commits);
    if (finished?.snapshot.round === end) return { finished, told: run.told };
  }
  throw new Error("the last life was not to end early");
}

/** All faults but damaged replicas. Those are found by the vote at every snapshot, which other tests check. */
const KINDS = [
  "killWorker",
  "killAllWorkers",
  "killCoordinator",
  "hangWorker",
  "hangCoordinator",
  "panicWorker",
] as const;
const MORE = [
  "panicCoordinator",
  "stickWorker",
  "loseDevice",
  "flipBit",
  "spoilGradient",
  "cutOneWay",
  "stop",
] as const;

const largestWithMomentum: CompressorFactory = (_, run) =>
  compressors.get("topk").make({ share: 0.2, momentum: 0.5, clip: 1, warmup: 4 }, run);
const lowRank: CompressorFactory = (_, run) => compressors.get("powersgd").make({ rank: 1 }, run);

describe.each([
  ["local-sgd", (_, run) => localSgd({ H: 2 }, run), SHORT, 20],
  ["post-local SGD", (_, run) => localSgd({ H: 2, post: 3 }, run), SHORT, 20],
  ["local-sgd by the quadratic rule", (_, run) => localSgd({ H: 1, alpha: 0.15 }, run), SHORT, 20],
  ["dasgd", (_, run) => dasgd({ H: 2 }, run), SHORT, 10],
  ["slowmo", (_, run) => slowmo({ H: 2 }, run), SHORT, 10],
  ["diloco", (_, run) => diloco({ H: 2 }, run), SHORT, 10],
  ["streaming-diloco", (_, run) => streamingDiloco({ H: 4, fragments: 2, overlap: true }, run), SHORT, 10],
  ["easgd", (_, run) => easgd({ H: 2 }, run), SHORT, 10],
  ["admm", (_, run) => admm({ H: 2 }, run), SHORT, 10],
  ["sequential", sequential, SHORT, 10],
  ["map-reduce", mapReduce, SHORT, 10],
  ["sandblaster", (_, run) => sandblaster({ m: 2, trials: 2 }, run), SHORT * PHASES, 10],
  ["robust", (_, run) => robust({ rule: "krum" }, run), SHORT, 10],
  ["federated", (_, run) => federated({ C: 0.7, E: 2, B: 3, power: 1, server: "adam" }, run), SHORT, 20],
  [
    "federated, with FedProx and a median",
    (_, run) => federated({ labels: 2, mu: 0.1, robust: "median" }, run),
    SHORT,
    10,
  ],
  [
    "federated, SCAFFOLD",
    (_, run) => federated({ C: 0.7, dirichlet: 1, scaffold: true }, run),
    SHORT,
    20,
    undefined,
    "sgd",
  ],
  ["one that uses all that there is", everything, SHORT * PHASES, 200],
  ["synchronous, in half precision", synchronous, SHORT, 36, compressors.get("f16").make],
  ["synchronous, in a byte an element", synchronous, SHORT, 36, compressors.get("int8").make],
  ["synchronous, the largest elements with their momentum", synchronous, SHORT, 36, largestWithMomentum],
  ["synchronous, a bit an element", synchronous, SHORT, 36, compressors.get("onebit").make],
  ["synchronous, matrices of low rank", synchronous, SHORT * 2, 36, lowRank],
  ["DiLoCo, matrices of low rank", (_, run) => diloco({ H: 2 }, run), SHORT * 2, 24, lowRank],
  ["synchronous, compressed by all that there is", synchronous, SHORT * halves.phases, 30, () => halves],
  ["local SGD, in half precision", (_, run) => localSgd({ H: 2 }, run), SHORT, 36, compressors.get("f16").make],
] as [string, StrategyFactory, number, number, CompressorFactory?, TrainingConfig["optimizer"]?][])(
  "a strategy: %s",
  (_, factory, end, all, compression, optimizer) => {
    const seeds = FULL ? all : Math.ceil(all / 3);
    test(`whatever strikes, the bits are those of the run that nothing struck: ${seeds} seeds`, async () => {
      const expected = await undisturbed(program(factory, compression, optimizer), end);
      let survived = 0;
      for (let seed = 0; seed < seeds; seed++) {
        const lives = [misfortunesOf(seed, [...KINDS, ...MORE], 4), misfortunesOf(seed + 7, [...KINDS], 2), []];
        const workers = compression && [1, 2, 3, 7][seed % 4];
        try {
          const { finished, told } = await struck(seed, program(factory, compression, optimizer), end, lives, workers);
          expect(difference(finished.state, expected)).toBeUndefined();
          survived += told.failures.length;
        } catch (error) {
          throw new Error(`seed ${seed}: ${error}`, { cause: error });
        }
      }
      expect(survived).toBeGreaterThan(seeds / 4);
    });
  },
);

describe.each([
  ["post-local SGD", (_, run) => localSgd({ H: 2, post: 3 }, run)],
  ["local-sgd by the quadratic rule", (_, run) => localSgd({ H: 1, alpha: 0.15 }, run)],
  ["federated", (_, run) => federated({ C: 0.7, E: 2, B: 3, power: 1 }, run)],
] as [string, StrategyFactory][])("rounds of several lengths: %s", (_, factory) => {
  test("differ, and have the same bits for 1, 2, 3 and 7 workers, stopped and resumed on the way", async () => {
    const rounds = program(factory);
    const lengths = Array.from({ length: SHORT }, (_, round) => rounds.advance(round).steps);
    expect(new Set(lengths).size).toBeGreaterThan(1);
    const expected = await undisturbed(rounds, SHORT);
    for (const [seed, workers] of [1, 2, 3, 7].entries()) {
      const stop: Misfortune = { kind: "stop", round: 2, delay: 1 };
      const { finished } = await struck(seed, program(factory), SHORT, [[stop], []], workers);
      expect(difference(finished.state, expected)).toBeUndefined();
    }
  });
});

test("a quorum: whatever strikes, the bits are those of one process that adds the parts of the record: 40 seeds", async () => {
  const left = new Set<number>();
  for (let seed = 0; seed < 40; seed++) {
    const record: Commit[] = [];
    const lives = [misfortunesOf(seed, [...KINDS, ...MORE], 4), misfortunesOf(seed + 7, [...KINDS], 2), []];
    const backup: StrategyFactory = (_, run) => synchronous({ backup: 1 }, run);
    const { finished } = await struck(seed, program(backup), SHORT, lives, 1 + (seed % PARTS), record);
    // What a later life did again is what counts.
    const counted = new Map(record.map(({ round, parts = [] }) => [round, parts]));
    for (const parts of counted.values()) left.add(PARTS - parts.reduce((sum, part) => sum + part, 0));
    const replayed: StrategyFactory = (options, run) => ({
      ...backup(options, run),
      ...{ promise: "invariant", consistency: undefined },
      participants: (round) => counted.get(round) ?? [],
    });
    expect(difference(finished.state, await undisturbed(program(replayed), SHORT)), `seed ${seed}`).toBeUndefined();
    expect([...counted.values()].every((parts) => parts.length === PARTS - 1)).toBe(true);
  }
  // Each part was left out at some time.
  expect(left.size).toBe(PARTS);
});

describe("a strategy whose own code fails", () => {
  /** Local SGD, in which `method` throws in round 5 as long as `isWrong`. */
  const failing =
    (method: "contribute" | "aggregate" | "participants", isWrong: () => boolean): StrategyFactory =>
    (_, run) => {
      const sound = localSgd({ H: 1 }, run);
      const check = (round: number): void => {
        if (round === WRONG && isWrong()) throw new TypeError(`no ${method} for you`);
      };
      return {
        ...sound,
        name: "mine",
        participants(round) {
          if (method === "participants") check(round);
          return [0, 1, 2];
        },
        async contribute(learner, context) {
          if (method === "contribute") check(context.round);
          return sound.contribute(learner, context);
        },
        async aggregate(piece, reduce) {
          if (method === "aggregate") check(piece.round);
          return sound.aggregate(piece, reduce);
        },
      };
    };

  async function started(rounds: ReplicaProgram) {
    const world = new SimulatedWorld(3);
    return SimulatedRun.start(world, {
      ...{ workers: 3, parts: PARTS, program: rounds },
      triggers: { rounds: SHORT, snapshotEvery: 2, evaluateEvery: 2, checkpointEvery: 1, program: rounds },
    });
  }

  test.each(["contribute", "aggregate", "participants"] as const)(
    "in %s ends the run at once, with its name and the message, and keeps its checkpoints",
    async (method) => {
      const run = await started(program(failing(method, () => true)));
      await expect(run.finish(3000)).rejects.toThrow(
        new RegExp(`^strategy mine failed in ${method}: no ${method} for you \\(strategy.test.ts:\\d+:\\d+\\)$`),
      );
      expect(run.told.checkpoints).not.toEqual([]);
    },
  );

  test("once goes on, with the same bits", async () => {
    let failures = 0;
    const run = await started(program(failing("contribute", () => failures++ === 0)));
    const expected = await undisturbed(
      program((_, about) => localSgd({ H: 1 }, about)),
      SHORT,
    );
    expect(difference((await run.finish())?.state as ReplicaVectors, expected)).toBeUndefined();
  });
});
