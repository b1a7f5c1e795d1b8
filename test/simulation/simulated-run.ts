/** A whole cluster in a simulated world, on a network small enough to be trained ten thousand times. */

import type { Split } from "../../src/data/dataset.js";
import { openReferenceDevice } from "../../src/device/reference/reference-device.js";
import { Arena, type ArenaShape, ORIGIN } from "../../src/distributed/arena.js";
import { Cluster } from "../../src/distributed/cluster.js";
import { digestOf } from "../../src/distributed/digest.js";
import type { Failure, RunEnd, Story } from "../../src/distributed/ledger.js";
import { PlainCollective } from "../../src/distributed/plain-collective.js";
import { startCoordinator, startWorker } from "../../src/distributed/programs.js";
import type { Commit, Snapshot } from "../../src/distributed/protocol.js";
import { Synchronous } from "../../src/distributed/strategies/synchronous.js";
import type { Learner, LearnerState, Strategy } from "../../src/distributed/strategy.js";
import { configuredModel, parseConfig } from "../../src/training/config.js";
import { type LinkFaults, MemoryNetwork } from "../../src/transport/memory.js";
import { Random } from "../../src/world/random.js";
import type { SimulatedWorld } from "../../src/world/simulated-world.js";
import type { Timers } from "../../src/world/world.js";
import { type Boot, SimulatedHost } from "./simulated-host.js";

export const ROUNDS = 14;
export const IMAGES = 20;
export const BATCH = 8;
const FEATURES = 6;

export const TIMES = { heartbeat: 100, timeout: 500 };

function split(count: number, seed: number): Split {
  const random = new Random(seed);
  const images = Float32Array.from({ length: count * FEATURES }, () => random.uniform());
  return { images, count, features: FEATURES, scale: 1 };
}

export const dataset = { train: split(IMAGES, 1), test: split(4, 2) };

export interface SimulatedRunOptions {
  readonly workers: number;
  readonly shards: number;
  readonly faults?: Partial<LinkFaults>;
  /** Rounds between snapshots. */
  readonly snapshotEvery?: number;
  /** Where to go on. */
  readonly from?: { readonly round: number; readonly state: LearnerState };
  /** What becomes of checkpoints. */
  readonly save?: (round: number, state: LearnerState) => Promise<string>;
}

/** What was told of a run. */
export class Told implements Story {
  readonly commits: Commit[] = [];
  readonly evaluations: number[] = [];
  readonly checkpoints: number[] = [];
  readonly lost: number[] = [];
  readonly failures: Failure[] = [];
  progress = 0;
  end: RunEnd | undefined;
  onProgress: (round: number) => void = () => undefined;

  committed(commits: readonly Commit[]): void {
    this.commits.push(...commits);
  }
  evaluated(round: number): void {
    this.evaluations.push(round);
  }
  checkpointed(round: number): void {
    this.checkpoints.push(round);
  }
  noCheckpoint(round: number): void {
    this.lost.push(round);
  }
  recovered(failure: Failure): void {
    this.failures.push(failure);
  }
  status(): void {}
  progressed({ round }: Commit): void {
    this.progress = round;
    this.onProgress(round);
  }
  ended(end: RunEnd): void {
    this.end ??= end;
  }
}

/** The reference device keeps its state in float64; what is saved of it is f32, and so it goes on from that. */
export async function applyRounded(learner: Learner, { vectors, length }: Strategy, sum: Float32Array): Promise<void> {
  await learner.apply(sum);
  const state = Array.from({ length: vectors }, () => new Float32Array(length));
  const scalars = await learner.save(state);
  learner.restore(learner.round, { vectors: state, scalars });
}

/** Learners that take their time, so that there are moments in between. */
class SlowStrategy implements Strategy {
  readonly #inner: Strategy;
  readonly #timers: Timers;
  readonly #random: Random;

  constructor(inner: Strategy, timers: Timers, random: Random) {
    this.#inner = inner;
    this.#timers = timers;
    this.#random = random;
  }

  get parts() {
    return this.#inner.parts;
  }
  get stepsPerRound() {
    return this.#inner.stepsPerRound;
  }
  get vectors() {
    return this.#inner.vectors;
  }
  get length() {
    return this.#inner.length;
  }
  get finite() {
    return this.#inner.finite;
  }
  combine: Strategy["combine"] = (collective, parts, out) => this.#inner.combine(collective, parts, out);
  initialState = (): LearnerState => this.#inner.initialState();

  open: Strategy["open"] = async (device, data) => {
    await this.#pause(5, 30);
    const learner = await this.#inner.open(device, data);
    const inner = this.#inner;
    const pause = (low: number, high: number): Promise<void> => this.#pause(low, high);
    return {
      get round() {
        return learner.round;
      },
      async contribute(part, out) {
        await pause(1, 12);
        const loss = await learner.contribute(part, out);
        await pause(0, 2);
        return loss;
      },
      async apply(combined) {
        await pause(0, 2);
        await applyRounded(learner, inner, combined);
      },
      settled: () => learner.settled(),
      async save(vectors) {
        await pause(0, 5);
        return learner.save(vectors);
      },
      restore: (round, state) => learner.restore(round, state),
      async evaluate() {
        await pause(5, 20);
        return learner.evaluate();
      },
      destroy: () => learner.destroy(),
    } satisfies Learner;
  };

  #pause(low: number, high: number): Promise<void> {
    return new Promise((resolve) => this.#timers.after(this.#random.between(low, high), () => resolve()));
  }
}

export interface SimulatedRun {
  readonly told: Told;
  readonly cluster: Cluster;
  readonly host: SimulatedHost;
  readonly network: MemoryNetwork;
  /** Runs on until it has ended; throws when that takes longer than `limit` milliseconds of virtual time. */
  finish(limit?: number): Promise<{ readonly snapshot: Snapshot; readonly state: LearnerState }>;
}

export const config = parseConfig({
  layers: [FEATURES, 4, 2],
  batch: BATCH,
  steps: ROUNDS,
  optimizer: "adam",
  lr: 0.01,
  shards: 4,
  loss: "mse",
});

export async function simulatedRun(world: SimulatedWorld, options: SimulatedRunOptions): Promise<SimulatedRun> {
  const { workers, shards, faults = {}, snapshotEvery = 4, from, save = async () => "somewhere" } = options;
  const model = configuredModel(config, FEATURES);
  const strategy = new Synchronous({ model, config: { ...config, shards }, steps: ROUNDS });
  const shape: ArenaShape = { workers, parts: shards, vectors: strategy.vectors, length: strategy.length };
  const arena = new Arena(shape, (_, bytes) => new ArrayBuffer(bytes));
  const collective = new PlainCollective();
  const random = new Random(world.seed, 77);
  const network = new MemoryNetwork(world, world.seed, { delay: [0, 2], ...faults });
  const milestones = {
    rounds: ROUNDS,
    stepsPerRound: 1,
    snapshotEvery,
    evaluateEvery: 2,
    checkpointEvery: 2,
    images: IMAGES,
    batch: BATCH,
  };
  const boot: Boot = async (spec, node, transport) => {
    const place = { world: node, name: spec.name, session: spec.session, transport, times: TIMES };
    const slow = new SlowStrategy(strategy, node.timers, new Random(world.seed, spec.session));
    const parts = { strategy: slow, arena, collective };
    const times = { gather: 100, remind: 150, grace: 60 };
    const index = Number(spec.name.split("-")[1]);
    const system =
      spec.name === "coordinator"
        ? startCoordinator(place, parts, { workers, milestones, times })
        : startWorker(place, parts, {
            index,
            dataset,
            patience: 3000,
            openDevice: async () => openReferenceDevice(),
          });
    await system.ended;
  };
  const host = new SimulatedHost(world, network, boot, () => random.between(1, 40));
  const begin = from ?? { round: 0, state: strategy.initialState() };
  for (const [i, vector] of arena.vectors(ORIGIN, 0).entries()) vector.set(begin.state.vectors[i]);
  const { scalars } = begin.state;
  const digest = await digestOf(collective, arena.vectors(ORIGIN, 0), scalars);
  const told = new Told();
  const cluster = new Cluster({
    world,
    host,
    transport: network.join("main"),
    times: TIMES,
    workers,
    task: (name) => name,
    arena,
    origin: { round: begin.round, owner: ORIGIN, set: 0, digest, scalars },
    save,
    story: told,
    seed: world.seed,
  });
  return {
    told,
    cluster,
    host,
    network,
    async finish(limit = 120_000) {
      const until = world.clock.now() + limit;
      while (!told.end && world.clock.now() < until) await world.time.advance(50);
      if (!told.end) throw new Error(`no end after ${limit} ms: at round ${told.progress}`);
      const closed = cluster.close();
      await world.time.advance(20_000);
      await closed;
      if ("error" in told.end) throw told.end.error;
      const { snapshot } = told.end;
      const vectors = arena.vectors(snapshot.owner, snapshot.set).map((vector) => vector.slice());
      return { snapshot, state: { vectors, scalars: snapshot.scalars } };
    },
  };
}
