/**
 * A whole run on many workers, from a configuration and a data set to a trained, saved autoencoder. It leaves the same files as
 * `training/run.ts` on one device, and its results are the same whichever nodes fail on the way.
 */
import { Callbacks } from "../callbacks.js";
import type { RunEnd } from "../cluster/journal/run-listener.js";
import type { Snapshot } from "../cluster/protocol.js";
import { RunSupervisor } from "../cluster/supervision/run-supervisor.js";
import { digestOf } from "../collective/digest.js";
import { NativeCollective } from "../collective/native-collective.js";
import { faultText } from "../faults/fault.js";
import { FaultyDisk } from "../faults/faulty-disk.js";
import type { Network } from "../model/network.js";
import { refuseUnknownKeys } from "../option-keys.js";
import { ServedRounds } from "../parameter-server/served-rounds.js";
import { commonArithmetic, computeSameBits, MIXED_DEVICES, withArithmetic } from "../placement/arithmetic.js";
import { partsOf, type ReplicaVectors, type Rounds, roundAt } from "../strategies/rounds/replica.js";
import { ORIGIN } from "../tensors/tensor-store.js";
import { checkOptions, filled } from "../training/config/config.js";
import { learningRate } from "../training/from-config.js";
import { type Plan, pinned, readPlan } from "../training/plan.js";
import { RunFiles } from "../training/run-folder/run-files.js";
import { RunLog } from "../training/run-folder/run-log.js";
import type { RunResult } from "../training/run-result.js";
import type { Host, HostedNode } from "../transport/host.js";
import { type Assignment, assign } from "./assignment.js";
import { checkPlaces } from "./check-places.js";
import { checkPrivateMachines } from "./check-private.js";
import { checkServedFaults, checkStrategy } from "./check-strategy.js";
import { checkElastic, runWorkers } from "./elastic.js";
import { refuseInNode } from "./in-node.js";
import { openFabric, type RunFabric } from "./open-fabric.js";
import { DISTRIBUTED_KEYS, type DistributedDependencies, type DistributedOptions } from "./options.js";
import { RunFaults } from "./run-faults.js";
import { keepKey, runKey } from "./run-key.js";
import { servicesOf } from "./services.js";
import { spending } from "./spending.js";
import { MetricsWriter } from "./status/metrics-writer.js";
import { StatusBoard } from "./status/status-board.js";
import { type RunTask, taskOf } from "./task.js";
import { toLearnerState, toTrainerState } from "./trainer-state.js";
import { inWholeRounds } from "./whole-rounds.js";

/** Trains on all of `places`. Leaves the same files as `run`. */
export async function runDistributed(options: DistributedOptions): Promise<RunResult<Network>> {
  refuseInNode();
  refuseUnknownKeys(options, DISTRIBUTED_KEYS, "options of runDistributed");
  const { isServed } = await checkStrategy(filled(checkOptions(options.config)), options);
  const plan = await readPlan({ ...options, hasPieces: options.pipeline || isServed });
  await checkStrategy(plan.config, options);
  checkPlaces(plan.config, { ...options, isServed });
  if (isServed) checkServedFaults(options);
  checkElastic(options.least, options);
  return runPlanDistributed(plan, options);
}

/** Trains as a plan says. Leaves what `run` leaves. */
export async function runPlanDistributed(planned: Plan, options: DistributedDependencies): Promise<RunResult<Network>> {
  const { world, out } = options;
  const places = options.places.map((place) => withArithmetic(place, planned.config.arithmetic));
  const asked = pinned(planned, commonArithmetic(places) ?? planned.config.arithmetic);
  const key = await runKey(world, out, planned);
  const { plan, task, strategy } = await inWholeRounds(asked, { ...taskOf(asked, options), key });
  checkPrivateMachines(strategy, options.machines);
  const disk = new FaultyDisk(world.disk);
  const files = await RunFiles.open(world, out, plan, disk);
  let fabric: RunFabric | undefined;
  try {
    if (strategy.privacy) await keepKey(world, out, key, planned);
    fabric = await openFabric(options, task, strategy, plan.dataset);
    const parts = { options: { ...options, places }, plan, task, files, disk, strategy, fabric };
    return await new DistributedRun(parts).finish();
  } catch (error) {
    // The first error is the one that is thrown.
    await files.abandon().catch(() => undefined);
    throw error;
  } finally {
    await fabric?.close();
    await files.folder.close();
  }
}

interface RunParts {
  readonly options: DistributedDependencies;
  readonly plan: Plan;
  readonly task: RunTask;
  readonly files: RunFiles;
  /** The disk of the checkpoints. */
  readonly disk: FaultyDisk;
  readonly strategy: Rounds;
  readonly fabric: RunFabric;
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
    const { config, dataset, steps } = plan;
    this.#parts = parts;
    this.#ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#assignment = assign(task, places, strategy instanceof ServedRounds ? strategy.pieces.length : 0);
    this.#log = new RunLog({ world, plan, files, observer, place, askFolder, privacy: spending(strategy) });
    this.#board = new StatusBoard({
      clock: world.clock,
      step: this.#log.step,
      steps,
      images: dataset.train.count,
      batch: config.batch,
      imagesPerPart: strategy.advance(0).images / partsOf(strategy, 0).length,
      devices: this.#assignment.devices,
      least: task.least,
      onStatus: this.#callbacks.guarded(options.onStatus),
    });
    this.#record = new MetricsWriter({
      clock: world.clock,
      log: this.#log,
      board: this.#board,
      stepAt: (round) => this.#stepAt(round),
      advance: (round) => strategy.advance(round),
      learningRate: (step) => learningRate(config, steps, step),
      onStep: (step) => this.#faults?.step(step),
      onCheckpoint: (path) => this.#faults?.written(this.#checkpoints, path),
      onEnd: this.#end,
    });
  }

  async finish(): Promise<RunResult<Network>> {
    const cluster = await this.#start();
    const { signal } = this.#parts.options;
    const stop = (): void => cluster.stop();
    signal?.addEventListener("abort", stop);
    if (signal?.aborted) stop();
    try {
      this.#inject(cluster);
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

  async #start(): Promise<RunSupervisor> {
    const { options, plan, task, fabric, files, strategy } = this.#parts;
    const origin = await this.#origin();
    if (!computeSameBits(options.places)) this.#log.warn(MIXED_DEVICES);
    return new RunSupervisor({
      world: options.world,
      fabric: { host: this.#watched(fabric.host), transport: fabric.transport, tensors: fabric.tensors },
      times: task.times,
      workers: this.#assignment.workers,
      first: task.least,
      extras: this.#assignment.extras,
      services: servicesOf(strategy, { disk: options.world.disk, files, tensors: fabric.tensors, round: origin.round }),
      task: (node) => this.#assignment.task(node),
      environment: (node) => this.#assignment.environment(node),
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

  #inject(cluster: RunSupervisor): void {
    const { options, plan, disk, fabric } = this.#parts;
    const { world, faults = [], chaos, least, onFaults } = options;
    const pool = runWorkers(cluster, (worker) => this.#record.joining(worker));
    if (least !== undefined) this.#callbacks.guarded(options.onWorkers)?.(pool);
    if (faults.length === 0 && !chaos && !onFaults) return;
    this.#faults = new RunFaults({
      ...{ world, faults, chaos, least, cluster, pool },
      seed: plan.config.seed,
      step: plan.checkpoint?.state.step ?? 0,
      assignment: this.#assignment,
      host: fabric.host,
      disk,
      board: this.#board,
      log: this.#log,
      record: this.#record,
    });
    this.#callbacks.guarded(onFaults)((text) => this.#faults?.now(text));
  }

  /** Puts the first state into the tensor store. */
  async #origin(): Promise<Snapshot> {
    const { plan, strategy, fabric } = this.#parts;
    const { checkpoint, config, initial } = plan;
    const begun = checkpoint && toLearnerState(config, checkpoint.state, strategy.names);
    const state = begun ?? strategy.initialState(initial);
    const vectors = fabric.tensors.vectors(ORIGIN, 0);
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

  async #finished({ round, owner, set }: Snapshot): Promise<RunResult<Network>> {
    const parameters = this.#parts.fabric.tensors.vectors(owner, set)[0].slice();
    const result = await this.#log.ended(this.#stepAt(round), this.#log.seconds(), parameters);
    await this.#callbacks.settled();
    return result;
  }
}
