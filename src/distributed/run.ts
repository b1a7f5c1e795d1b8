/**
 * A whole run on many workers: from a configuration and a data set to a trained, saved autoencoder, as `training/run.ts`
 * on one device, and with the same files. What is told and saved is the same whoever fails on the way.
 */
import { UsageError } from "../error.js";
import { LOSS_SCALE, stateBuffers } from "../model/lower.js";
import { updateRule } from "../optimizer/optimizer.js";
import { rateFactor } from "../optimizer/schedule.js";
import { configuredOptimizer, configuredSchedule, type TrainingConfig } from "../training/config.js";
import { type Plan, planNew, planResumed } from "../training/plan.js";
import type { RunOptions, RunResult } from "../training/run.js";
import { openRunFiles, type RunFiles } from "../training/run-files.js";
import { parametersSha256, toCheckpoint } from "../training/snapshot.js";
import type { TrainerState } from "../training/trainer.js";
import type { Host, HostedNode } from "../transport/host.js";
import { ProcessHost } from "../transport/process-host.js";
import { createSharedMemory, type SharedMemory } from "../transport/shared-memory.js";
import { Random } from "../world/random.js";
import type { World } from "../world/world.js";
import { Arena, ORIGIN } from "./arena.js";
import { type Assignment, assign } from "./assignment.js";
import { type ChaosOptions, chaosFaults } from "./chaos.js";
import { Cluster } from "./cluster.js";
import { digestOf } from "./digest.js";
import type { Fault } from "./fault.js";
import { FaultyDisk } from "./faulty-disk.js";
import { Injector } from "./injector.js";
import type { RunEnd } from "./ledger.js";
import { MAIN, workerIndex } from "./names.js";
import { NativeCollective } from "./native-collective.js";
import { checkPipeline } from "./pipeline/options.js";
import { areOfOneKind, type WorkerPlace } from "./placement.js";
import type { Snapshot } from "./protocol.js";
import { RunRecord } from "./run-record.js";
import { layOut, share } from "./shared-dataset.js";
import type { ClusterStatus } from "./status.js";
import { StatusBoard } from "./status-board.js";
import type { LearnerState, Strategy } from "./strategy.js";
import { type RunTask, relayBytes, shapeOf, strategyOf } from "./task.js";
import { type ClusterTimes, checkTimes, DEFAULT_TIMES } from "./times.js";

export interface DistributedOptions
  extends Pick<RunOptions, "world" | "dataset" | "config" | "out" | "resume" | "signal" | "observer"> {
  /** One for each worker; stages of a pipeline share them. */
  readonly places: readonly WorkerPlace[];
  /** The components of the model on devices of their own; the shards are the micro-batches. Default: false. */
  readonly pipeline?: boolean;
  readonly faults?: readonly Fault[];
  readonly chaos?: ChaosOptions;
  readonly times?: Partial<ClusterTimes>;
  readonly onStatus?: (status: ClusterStatus) => void;
}

/** Trains on all of `places`. Leaves what `run` leaves. */
export async function runDistributed(options: DistributedOptions): Promise<RunResult> {
  const { world, dataset, out, places, pipeline = false } = options;
  const times = checkTimes({ ...DEFAULT_TIMES, ...options.times });
  const plan = options.resume
    ? await planResumed(world, out, options.config, dataset)
    : planNew(options.config, dataset);
  const { config, model, steps } = plan;
  if (pipeline) checkPipeline(config);
  else checkWorkers(places.length, config);
  const layers = [...model.config.layers];
  const task: RunTask = {
    config: { ...config, layers },
    steps,
    workers: pipeline ? 1 : places.length,
    pipeline,
    dataset: layOut(dataset),
    times,
  };
  const disk = new FaultyDisk(world.disk);
  const files = await openRunFiles(world, out, plan, disk);
  try {
    return await new DistributedRun(options, plan, task, files, disk).finish();
  } catch (error) {
    await files.folder.flush().catch(() => undefined);
    if ((await files.store.list()).length === 0) await files.folder.discard();
    throw error;
  }
}

function checkWorkers(workers: number, { shards }: TrainingConfig): void {
  if (workers > shards) {
    throw new UsageError(
      `${workers} workers for ${shards} ${shards === 1 ? "shard" : "shards"}: give each at least one: --shards ${workers}, or fewer workers`,
    );
  }
}

/** Milliseconds after which a fault looks again for a worker that was not there. */
const ABSENT = 50;

const MIXED =
  "the devices are of different kinds, which compute slightly different bits: the replicas are kept in step, but another run will not repeat this one exactly";

class DistributedRun {
  readonly #options: DistributedOptions;
  readonly #plan: Plan;
  readonly #task: RunTask;
  readonly #files: RunFiles;
  readonly #disk: FaultyDisk;
  readonly #strategy: Strategy;
  readonly #assignment: Assignment;
  readonly #arena: Arena;
  readonly #memory: readonly SharedMemory[];
  readonly #board: StatusBoard;
  readonly #record: RunRecord;
  readonly #ended: Promise<RunEnd>;
  #end: (end: RunEnd) => void = () => undefined;
  #injector: Injector | undefined;
  #checkpoints = 0;
  /** Of what is to happen later. */
  readonly #cancels = new Set<() => void>();
  #over = false;

  constructor(options: DistributedOptions, plan: Plan, task: RunTask, files: RunFiles, disk: FaultyDisk) {
    const { world, dataset, places, observer, onStatus } = options;
    const { clock } = world;
    const { config, steps } = plan;
    this.#options = options;
    this.#plan = plan;
    this.#task = task;
    this.#files = files;
    this.#disk = disk;
    this.#ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#strategy = strategyOf(task);
    const shape = shapeOf(task, this.#strategy);
    const arenaMemory = createSharedMemory(Arena.bytes(shape));
    const datasetMemory = createSharedMemory(task.dataset.bytes);
    this.#memory = [arenaMemory, datasetMemory, ...(task.pipeline ? [createSharedMemory(relayBytes(task))] : [])];
    this.#arena = new Arena(shape, (offset, bytes) => arenaMemory.map(offset, bytes));
    share(dataset, task.dataset, datasetMemory.buffer);
    const { batch, shards: parts } = config;
    const { count: images } = dataset.train;
    this.#assignment = assign(task, places);
    const { devices } = this.#assignment;
    this.#board = new StatusBoard({
      clock,
      step: plan.checkpoint?.state.step ?? 0,
      steps,
      images,
      batch,
      parts,
      devices,
      onStatus,
    });
    this.#record = new RunRecord({
      clock,
      plan,
      images,
      folder: files.folder,
      board: this.#board,
      observer,
      learningRate: (step) => learningRate(config, steps, step),
      onStep: (step) => this.#injector?.step(step),
      onCheckpoint: (path) => this.#injector?.written(this.#checkpoints, path),
      onEnd: this.#end,
    });
  }

  async finish(): Promise<RunResult> {
    const host = new ProcessHost({ entry: new URL("./process-main.js", import.meta.url), memory: this.#memory });
    const cluster = await this.#start(host);
    const stop = (): void => cluster.stop();
    const { signal } = this.#options;
    signal?.addEventListener("abort", stop);
    if (signal?.aborted) stop();
    try {
      const end = await this.#ended;
      this.#injector?.close();
      if ("error" in end) throw end.error;
      return await this.#finished(end.snapshot);
    } finally {
      signal?.removeEventListener("abort", stop);
      this.#over = true;
      for (const cancel of this.#cancels) cancel();
      this.#injector?.close();
      await cluster.close();
      await host.closeAll();
      for (const memory of this.#memory) memory.close();
    }
  }

  async #start(host: ProcessHost): Promise<Cluster> {
    const { world } = this.#options;
    const { config } = this.#plan;
    const run = this.#task;
    const cluster = new Cluster({
      world,
      host: this.#watched(host),
      transport: host.join(MAIN),
      times: run.times,
      workers: this.#assignment.workers,
      extras: this.#assignment.extras,
      task: (node) => this.#assignment.task(node),
      environment: (node) => this.#assignment.environment(node),
      arena: this.#arena,
      origin: await this.#origin(),
      save: (round, state) => this.#save(round, state),
      story: this.#record,
      seed: config.seed,
    });
    if (!areOfOneKind(this.#options.places)) this.#record.warn(MIXED);
    this.#inject(cluster, host, world);
    return cluster;
  }

  /** Tells the board of what comes and goes. */
  #watched(host: Host): Host {
    return {
      start: (spec): HostedNode => {
        const node = host.start(spec);
        this.#board.started(spec.name);
        node.exited.then(() => this.#board.exited(spec.name));
        return node;
      },
    };
  }

  #inject(cluster: Cluster, host: ProcessHost, { clock, timers }: World): void {
    const { faults = [], chaos } = this.#options;
    if (faults.length === 0 && !chaos) return;
    const random = new Random(this.#plan.config.seed, 0xfa17);
    const { computing, workers } = this.#assignment;
    const nodeOf = (name: string): string => computing[workerIndex(name) ?? computing.length] ?? name;
    this.#injector = new Injector({
      faults,
      chaos: chaos && chaosFaults(chaos, computing.length, random),
      ports: {
        kill: (node) => cluster.kill(nodeOf(node)),
        hang: (node, milliseconds) => {
          this.#board.suspended(node);
          cluster.hang(nodeOf(node), milliseconds);
          this.#after(milliseconds, () => this.#board.resumed(node));
        },
        lose: (device) => this.#befall(device % workers, () => cluster.lose(computing[device])),
        corrupt: (target, how) => {
          const worker = target === undefined ? undefined : target % workers;
          this.#befall(worker, (up) => cluster.corrupt(worker ?? up[random.below(up.length)], how));
        },
        cut: (node, milliseconds) => {
          host.cut(nodeOf(node), true);
          this.#after(milliseconds, () => host.cut(nodeOf(node), false));
        },
        failDisk: () => this.#disk.failNextWrite(),
        tearCheckpoint: (path) => void this.#disk.tear(path),
        report: (fault, target) => this.#record.injected(fault, target),
      },
      clock,
      timers,
      step: this.#plan.checkpoint?.state.step ?? 0,
    });
  }

  /** Does something to a worker, or to anyone: as soon as there is somebody whom it can befall. */
  #befall(worker: number | undefined, strike: (up: readonly number[]) => void): void {
    const { up } = this.#board;
    if (worker === undefined ? up.length > 0 : up.includes(worker)) strike(up);
    else this.#after(ABSENT, () => this.#befall(worker, strike));
  }

  /** Later, unless the run is over by then. */
  #after(milliseconds: number, action: () => void): void {
    if (this.#over) return;
    const cancel = this.#options.world.timers.after(milliseconds, () => {
      this.#cancels.delete(cancel);
      action();
    });
    this.#cancels.add(cancel);
  }

  /** Puts the state to begin with where all can see it. */
  async #origin(): Promise<Snapshot> {
    const { checkpoint } = this.#plan;
    const state = checkpoint ? this.#learnerState(checkpoint.state) : this.#strategy.initialState();
    const vectors = this.#arena.vectors(ORIGIN, 0);
    for (const [i, vector] of vectors.entries()) vector.set(state.vectors[i]);
    const digest = await digestOf(new NativeCollective(), vectors, state.scalars);
    return { round: checkpoint?.state.step ?? 0, owner: ORIGIN, set: 0, digest, scalars: state.scalars };
  }

  get #slots(): string[] {
    return stateBuffers(updateRule(configuredOptimizer(this.#plan.config)));
  }

  #learnerState({ parameters, optimizer }: TrainerState): LearnerState {
    return {
      vectors: [parameters, ...this.#slots.map((slot) => optimizer[slot])],
      scalars: [...(optimizer[LOSS_SCALE] ?? [])],
    };
  }

  #trainerState(step: number, { vectors, scalars }: LearnerState): TrainerState {
    const optimizer: Record<string, Float32Array> = {};
    for (const [i, slot] of this.#slots.entries()) optimizer[slot] = vectors[i + 1];
    if (scalars.length > 0) optimizer[LOSS_SCALE] = Float32Array.from(scalars);
    return { step, parameters: vectors[0], optimizer };
  }

  async #save(step: number, state: LearnerState): Promise<string> {
    const { model, config } = this.#plan;
    this.#injector?.checkpoint(++this.#checkpoints);
    const { count } = this.#options.dataset.train;
    return this.#files.store.save(toCheckpoint(model, config, this.#trainerState(step, state), count));
  }

  async #finished({ round: step, owner, set }: Snapshot): Promise<RunResult> {
    const { config, model, steps, checkpoint } = this.#plan;
    const { folder } = this.#files;
    const parameters = this.#arena.vectors(owner, set)[0].slice();
    const { seconds } = this.#record;
    const stopped = step < steps;
    const { count } = this.#options.dataset.train;
    this.#record.tell({ event: stopped ? "stop" : "end", step, epoch: (step * config.batch) / count, time: seconds });
    await folder.flush().catch((error: unknown) => this.#record.warn(String(error)));
    return {
      config,
      model,
      parameters,
      step,
      stopped,
      seconds,
      imagesPerSecond: ((step - (checkpoint?.state.step ?? 0)) * config.batch) / Math.max(seconds, 1e-9),
      parametersSha256: parametersSha256(model, parameters),
      folder,
    };
  }
}

function learningRate(config: TrainingConfig, steps: number, step: number): number {
  return configuredOptimizer(config).learningRate * rateFactor(configuredSchedule(config), step, steps);
}
