/**
 * A whole run on many workers: from a configuration and a data set to a trained, saved autoencoder, with the same files
 * as `training/run.ts` on one device. Records and results are the same whichever nodes fail on the way.
 */
import { Callbacks } from "../callbacks.js";
import type { RunEnd } from "../cluster/journal/run-listener.js";
import type { Snapshot } from "../cluster/protocol.js";
import { RunSupervisor } from "../cluster/supervision/run-supervisor.js";
import { type ClusterTimes, resolveTimes } from "../cluster/times.js";
import { digestOf } from "../collective/digest.js";
import { NativeCollective } from "../collective/native-collective.js";
import type { ChaosOptions } from "../faults/chaos.js";
import { type Fault, faultText } from "../faults/fault.js";
import { FaultyDisk } from "../faults/faulty-disk.js";
import { rateFactor } from "../optimizer/schedule.js";
import { type Keys, refuseUnknownKeys } from "../option-keys.js";
import { commonArithmetic, computeSameBits, withArithmetic } from "../placement/arithmetic.js";
import { MAIN } from "../placement/names.js";
import type { WorkerPlace } from "../placement/placement.js";
import { type ReplicaVectors, type RoundProgram, roundAt } from "../strategies/replica.js";
import { layOut } from "../tensors/shared-dataset.js";
import { ORIGIN } from "../tensors/tensor-store.js";
import type { TrainingConfig } from "../training/config.js";
import { optimizerFromConfig, scheduleFromConfig } from "../training/from-config.js";
import { type Plan, pinned, readPlan } from "../training/plan.js";
import type { RunOptions } from "../training/run.js";
import { RunFiles } from "../training/run-files.js";
import { RunLog } from "../training/run-log.js";
import type { RunResult } from "../training/run-result.js";
import type { Host, HostedNode } from "../transport/host.js";
import { ProcessHost } from "../transport/process/host.js";
import { type Assignment, assign } from "./assignment.js";
import { checkPlaces } from "./check-places.js";
import { MetricsWriter } from "./metrics-writer.js";
import { RunFaults } from "./run-faults.js";
import { RunMemory } from "./run-memory.js";
import type { ClusterStatus } from "./status.js";
import { StatusBoard } from "./status-board.js";
import type { RunTask } from "./task.js";
import { toLearnerState, toTrainerState } from "./trainer-state.js";
import { inWholeRounds } from "./whole-rounds.js";

/** What to train, on what, and on which workers. */
export interface DistributedOptions
  extends Pick<
    RunOptions,
    | "world"
    | "dataset"
    | "config"
    | "out"
    | "initial"
    | "resume"
    | "otherData"
    | "signal"
    | "observer"
    | "place"
    | "askFolder"
  > {
  /** One for each worker; the stages of a pipeline share them. */
  readonly places: readonly WorkerPlace[];
  /** Train a pipeline: components on devices of their own; the parts are the micro-batches. Default: false. */
  readonly pipeline?: boolean;
  /** Whether WebGPU devices use kernels tuned before: see `TrainPlace.tune`. Default: true. */
  readonly tune?: boolean;
  readonly faults?: readonly Fault[];
  readonly chaos?: ChaosOptions;
  readonly times?: Partial<ClusterTimes>;
  /** Told several times a second what workers do. */
  readonly onStatus?: (status: ClusterStatus) => unknown;
}

const KEYS: Keys<DistributedOptions> = {
  world: true,
  dataset: true,
  config: true,
  out: true,
  initial: true,
  resume: true,
  otherData: true,
  signal: true,
  observer: true,
  place: true,
  places: true,
  pipeline: true,
  tune: true,
  askFolder: true,
  faults: true,
  chaos: true,
  times: true,
  onStatus: true,
};

/** Trains on all of `places`. Leaves the same files as `run`. */
export async function runDistributed(options: DistributedOptions): Promise<RunResult> {
  refuseUnknownKeys(options, KEYS, "options of runDistributed");
  const plan = await readPlan(options);
  checkPlaces(plan.config, options);
  return runPlanDistributed(plan, options);
}

/** What it takes to carry out a plan. */
export type DistributedDependencies = Omit<
  DistributedOptions,
  "dataset" | "config" | "initial" | "resume" | "otherData"
>;

/** Trains as a plan says. Leaves what `run` leaves. */
export async function runPlanDistributed(planned: Plan, options: DistributedDependencies): Promise<RunResult> {
  const { world, out } = options;
  const places = options.places.map((place) => withArithmetic(place, planned.config.arithmetic));
  const asked = pinned(planned, commonArithmetic(places) ?? planned.config.arithmetic);
  const { plan, task, strategy } = await inWholeRounds(asked, taskOf(asked, options));
  const disk = new FaultyDisk(world.disk);
  const files = await RunFiles.open(world, out, plan, disk);
  let memory: RunMemory | undefined;
  try {
    memory = new RunMemory(task, strategy, plan.dataset);
    const parts = { options: { ...options, places }, plan, task, files, disk, strategy, memory };
    return await new DistributedRun(parts).finish();
  } catch (error) {
    // What went wrong first is what counts.
    await files.abandon().catch(() => undefined);
    throw error;
  } finally {
    memory?.close();
    await files.folder.close();
  }
}

function taskOf({ config, model, dataset, steps }: Plan, options: DistributedDependencies): RunTask {
  const { places, pipeline = false, tune = true, faults = [] } = options;
  return {
    config: { ...config, layers: [...model.config.layers] },
    steps,
    workers: pipeline ? 1 : places.length,
    pipeline,
    dataset: layOut(dataset),
    tune,
    times: resolveTimes(options.times),
    faultSteps: faults.flatMap(({ at }) => (at.by === "step" ? at.step : [])),
  };
}

const MIXED =
  "the devices are of different kinds, which compute slightly different bits: the replicas are kept in step, but another run will not repeat this one exactly";

interface RunParts {
  readonly options: DistributedDependencies;
  readonly plan: Plan;
  readonly task: RunTask;
  readonly files: RunFiles;
  /** The disk of the checkpoints. */
  readonly disk: FaultyDisk;
  readonly strategy: RoundProgram;
  readonly memory: RunMemory;
}

class DistributedRun {
  readonly #parts: RunParts;
  readonly #assignment: Assignment;
  readonly #board: StatusBoard;
  readonly #log: RunLog;
  readonly #record: MetricsWriter;
  readonly #ended: Promise<RunEnd>;
  readonly #callbacks = new Callbacks((error) => this.#end({ error }));
  #end: (end: RunEnd) => void = () => undefined;
  #faults: RunFaults | undefined;
  #checkpoints = 0;

  constructor(parts: RunParts) {
    const { options, plan, task, files, strategy } = parts;
    const { world, places, place, askFolder } = options;
    const observer = this.#callbacks.guarded(options.observer);
    const { clock } = world;
    const { config, dataset, steps } = plan;
    this.#parts = parts;
    this.#ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#assignment = assign(task, places);
    this.#log = new RunLog({ world, plan, files, observer, place, askFolder });
    this.#board = new StatusBoard({
      clock,
      step: this.#log.step,
      steps,
      images: dataset.train.count,
      batch: config.batch,
      imagesPerPart: (config.batch * strategy.stepsPerRound) / strategy.parts,
      devices: this.#assignment.devices,
      onStatus: this.#callbacks.guarded(options.onStatus),
    });
    this.#record = new MetricsWriter({
      clock,
      log: this.#log,
      board: this.#board,
      stepAt: (round) => this.#stepAt(round),
      learningRate: (step) => learningRate(config, steps, step),
      onStep: (step) => this.#faults?.step(step),
      onCheckpoint: (path) => this.#faults?.written(this.#checkpoints, path),
      onEnd: this.#end,
    });
  }

  async finish(): Promise<RunResult> {
    const { memory } = this.#parts;
    const host = new ProcessHost({ entry: new URL("./process-main.js", import.meta.url), memory: memory.all });
    try {
      return await this.#finishOn(host, await this.#start(host));
    } finally {
      await host.closeAll();
    }
  }

  async #finishOn(host: ProcessHost, cluster: RunSupervisor): Promise<RunResult> {
    const { signal } = this.#parts.options;
    const stop = (): void => cluster.stop();
    signal?.addEventListener("abort", stop);
    if (signal?.aborted) stop();
    try {
      this.#inject(cluster, host);
      const end = await this.#ended;
      this.#faults?.close();
      if ("error" in end) throw end.error;
      for (const fault of this.#faults?.waiting ?? []) {
        this.#log.warn(`"${faultText(fault)}" never struck: the run ended before`);
      }
      return await this.#finished(end.snapshot);
    } finally {
      signal?.removeEventListener("abort", stop);
      this.#faults?.close();
      await cluster.close();
    }
  }

  async #start(host: ProcessHost): Promise<RunSupervisor> {
    const { options, plan, task, memory } = this.#parts;
    const origin = await this.#origin();
    if (!computeSameBits(options.places)) this.#log.warn(MIXED);
    return new RunSupervisor({
      world: options.world,
      host: this.#watched(host),
      transport: host.join(MAIN),
      times: task.times,
      workers: this.#assignment.workers,
      extras: this.#assignment.extras,
      task: (node) => this.#assignment.task(node),
      environment: (node) => this.#assignment.environment(node),
      tensors: memory.tensors,
      origin,
      save: (round, state) => this.#save(round, state),
      listener: this.#record,
      seed: plan.config.seed,
    });
  }

  /** Tells the status board of starts and exits. */
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

  #inject(cluster: RunSupervisor, host: ProcessHost): void {
    const { options, plan, disk } = this.#parts;
    const { world, faults = [], chaos } = options;
    if (faults.length === 0 && !chaos) return;
    this.#faults = new RunFaults({
      world,
      faults,
      chaos,
      seed: plan.config.seed,
      step: plan.checkpoint?.state.step ?? 0,
      assignment: this.#assignment,
      cluster,
      host,
      disk,
      board: this.#board,
      log: this.#log,
      record: this.#record,
    });
  }

  /** Puts the first state into the tensor store. */
  async #origin(): Promise<Snapshot> {
    const { plan, strategy, memory } = this.#parts;
    const { checkpoint, config, initial } = plan;
    const begun = checkpoint && toLearnerState(config, checkpoint.state, strategy.names);
    const state = begun ?? strategy.initialState(initial);
    const vectors = memory.tensors.vectors(ORIGIN, 0);
    for (const [i, vector] of vectors.entries()) vector.set(state.vectors[i]);
    const digest = await digestOf(new NativeCollective(), vectors, state.scalars);
    const round = roundAt(strategy, checkpoint?.state.step ?? 0);
    return { round, owner: ORIGIN, set: 0, digest, scalars: state.scalars };
  }

  /** Steps done when `round` begins. */
  #stepAt(round: number): number {
    const { plan, strategy } = this.#parts;
    return Math.min(plan.steps, strategy.stepAt(round));
  }

  async #save(round: number, state: ReplicaVectors): Promise<string> {
    const { options, plan, strategy } = this.#parts;
    this.#faults?.checkpoint(++this.#checkpoints);
    const step = this.#stepAt(round);
    const isLast = () => step === plan.steps || options.signal?.aborted === true;
    return this.#log.save(toTrainerState(plan.config, step, state, strategy.names), isLast);
  }

  async #finished({ round, owner, set }: Snapshot): Promise<RunResult> {
    const parameters = this.#parts.memory.tensors.vectors(owner, set)[0].slice();
    const result = await this.#log.ended(this.#stepAt(round), this.#log.seconds(), parameters);
    await this.#callbacks.settled();
    return result;
  }
}

function learningRate(config: TrainingConfig, steps: number, step: number): number {
  return optimizerFromConfig(config).learningRate * rateFactor(scheduleFromConfig(config), step, steps);
}
