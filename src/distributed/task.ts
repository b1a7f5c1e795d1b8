/** The tasks of the nodes of a run, as plain data, and what follows from them. */

import { type Choice, normalChoice } from "../choice.js";
import { type ClusterTimes, resolveTimes } from "../cluster/times.js";
import type { CompressorFactory } from "../collective/compress/compressor.js";
import { loadCompressor } from "../collective/compress/compressors.js";
import { DawnpourError } from "../error.js";
import type { Autoencoder } from "../model/autoencoder.js";
import { ServedRounds } from "../parameter-server/served-rounds.js";
import { ActivationBuffers } from "../pipeline/activation-buffers.js";
import { Pipeline } from "../pipeline/driver.js";
import { activationShape, type PipelineOptions } from "../pipeline/options.js";
import type { NodeDevice } from "../placement/node-device.js";
import { isFree } from "../strategies/consistency.js";
import { loadStrategy, makeStrategy } from "../strategies/registry.js";
import { BulkRounds } from "../strategies/rounds/bulk-rounds.js";
import { makeCompressor } from "../strategies/rounds/checked-compressor.js";
import { CompressedRounds } from "../strategies/rounds/compressed-rounds.js";
import { GradientRounds } from "../strategies/rounds/gradient-rounds.js";
import { isGradientStep } from "../strategies/rounds/gradient-step.js";
import { type ReplicaProgram, type RoundProgram, type Rounds, roundAt } from "../strategies/rounds/replica.js";
import type { Strategy, StrategyFactory, StrategyRun } from "../strategies/strategy.js";
import { strategyRun } from "../strategies/strategy-run.js";
import { layOut, type SharedDataset } from "../tensors/shared-dataset.js";
import type { TensorStoreShape } from "../tensors/tensor-store.js";
import type { TrainingConfig, TrainingOptions } from "../training/config/config.js";
import { SYNCHRONOUS, UNCOMPRESSED } from "../training/config/strategy-choice.js";
import { learningRate, modelFromConfig } from "../training/from-config.js";
import type { Plan } from "../training/plan.js";
import { loadModelFactory, type ModelFactory } from "../training/task/own-model.js";
import { taskOf as taskFromConfig } from "../training/task/task.js";
import type { TriggerOptions } from "../training/triggers.js";
import { type Link, parseLink } from "../transport/link.js";
import { HOST_LINK } from "../transport/transports.js";
import { AutoencoderWorkload } from "../workload/autoencoder.js";
import { ModelWorkload } from "../workload/model.js";
import type { StepWorkload } from "../workload/workload.js";
import { checkPrivate } from "./check-private.js";
import { checkCompressor, checkPrecision, checkServed, checkStatistics } from "./check-strategy.js";
import type { DistributedDependencies } from "./options.js";
import { keyOf } from "./run-key.js";

export interface RunTask {
  readonly config: TrainingConfig;
  /** The key of a private run, in hexadecimal. */
  readonly key?: string;
  /** Steps of the whole run. */
  readonly steps: number;
  readonly workers: number;
  /** The fewest workers to train with; the run begins with them. Default: with all, and it does not wait for any. */
  readonly least?: number;
  /** Train a pipeline instead of replicas. */
  readonly pipeline: boolean;
  /** Parameter servers that were asked for. */
  readonly servers?: number;
  readonly dataset: SharedDataset;
  /** The class of each training row, for a strategy that may ask for them. */
  readonly labels?: ArrayLike<number>;
  /** Whether WebGPU devices use kernels tuned before. */
  readonly tune: boolean;
  readonly times: ClusterTimes;
  readonly transport: Choice;
  /** The link of each machine. Default: messages and vectors take as long as they take. */
  readonly link?: Link;
  /** Steps after which a fault is due. */
  readonly faultSteps: readonly number[];
}

/** On several machines: the node of its machine that brings vectors to it. */
interface OnMachine {
  readonly courier?: string;
}

export type NodeTask = OnMachine & NodeWork;

type NodeWork =
  | { readonly kind: "coordinator"; readonly run: RunTask }
  | ({ readonly kind: "worker"; readonly run: RunTask; readonly index: number } & NodeDevice)
  | { readonly kind: "driver"; readonly run: RunTask }
  | { readonly kind: "server"; readonly run: RunTask; readonly index: number }
  | ({ readonly kind: "stage"; readonly run: RunTask; readonly index: number } & NodeDevice);

/** Rounds between snapshots that nothing else asks for: the most that a run loses when all replicas are lost. */
const SNAPSHOT_EVERY = 100;
/**
 * The same where parts have a state of their own: a new coordinator goes back to a snapshot. And where parts go by themselves: a new
 * server goes back to it.
 */
const SNAPSHOT_OF_LOCAL_EVERY = 10;

export function taskOf(
  { config, dataset, steps }: Plan,
  options: Pick<
    DistributedDependencies,
    "places" | "least" | "pipeline" | "servers" | "tune" | "faults" | "times" | "transport" | "link"
  >,
): RunTask {
  const { places, least, pipeline = false, servers, tune = true, faults = [] } = options;
  return {
    config,
    steps,
    workers: pipeline ? 1 : places.length,
    least,
    pipeline,
    servers,
    dataset: layOut(dataset),
    labels: (config.strategy ?? SYNCHRONOUS) === SYNCHRONOUS ? undefined : dataset.train.labels,
    tune,
    times: resolveTimes(options.times),
    link: options.link === undefined ? undefined : parseLink(options.link),
    transport: normalChoice(options.transport ?? HOST_LINK, "transport"),
    faultSteps: faults.flatMap(({ at }) => (at.by === "step" ? at.step : [])),
  };
}

export function modelOf({ config, dataset }: RunTask): Autoencoder {
  return modelFromConfig(config, dataset.train.features);
}

/** What a configuration names, loaded: how parts become one model, and how their contributions are encoded. */
export interface Named {
  readonly strategy: StrategyFactory;
  /** Default: contributions are sent as they are. */
  readonly compressor?: CompressorFactory;
  /** Default: a network of the library. */
  readonly model?: ModelFactory;
}

/** @throws UsageError when there is no such strategy or compressor */
export async function loadNamed({
  strategy = SYNCHRONOUS,
  compress = UNCOMPRESSED,
  model,
}: Pick<TrainingOptions, "strategy" | "compress" | "model">): Promise<Named> {
  const [factory, compressor, made] = await Promise.all([
    loadStrategy(strategy),
    loadCompressor(compress),
    loadModelFactory(model),
  ]);
  return { strategy: factory, compressor, model: made };
}

/** The rounds of a run. @param named what its configuration names */
export function programOf(run: RunTask, named: Named): RoundProgram | ServedRounds {
  if (run.pipeline) return new Pipeline(pipelineOptionsOf(run));
  const { config } = run;
  const { strategy: choice = SYNCHRONOUS } = config;
  const workload = workloadOf(run, named);
  const facts = strategyRun(workload, {
    ...config,
    images: run.dataset.train.count,
    labels: run.labels,
    steps: run.steps,
    ...(run.key !== undefined && { key: keyOf(run.key) }),
    rate: (step) => learningRate(config, run.steps, step),
  });
  const strategy = makeStrategy(named.strategy, choice, facts);
  checkServed(strategy, config, run.servers);
  checkPrivate(strategy, config);
  if (strategy.privacy) checkStatistics(`strategy ${strategy.name}`, workload);
  if (isFree(strategy) || run.servers !== undefined) {
    const what = isFree(strategy) ? `strategy ${strategy.name}` : `reduce servers:${run.servers}`;
    checkStatistics(what, workload);
    checkPrecision(what, config.precision);
    return new ServedRounds(workload, strategy, run.servers ?? 1);
  }
  return replicasOf(run, strategy, facts, workload, named);
}

/** The same for a run of replicas. */
export function replicaProgramOf(run: RunTask, named: Named): ReplicaProgram {
  const program = programOf(run, named);
  if ("open" in program) return program as ReplicaProgram;
  throw new DawnpourError("Invariant violation: this run has no replicas");
}

/** The rounds of a strategy in which all parts of a round are there before the next begins. */
function replicasOf(
  run: RunTask,
  strategy: Strategy,
  facts: StrategyRun,
  workload: StepWorkload,
  { compressor: compression }: Named,
): ReplicaProgram {
  const { config } = run;
  const { compress = UNCOMPRESSED, precision, seed } = config;
  const isStep = isGradientStep(strategy, facts);
  if (!isStep) checkPrecision(`strategy ${strategy.name}`, precision);
  const rounds = isStep ? new GradientRounds({ workload, config }) : new BulkRounds(workload, strategy);
  const about = { length: workload.length, tensors: workload.tensors, parts: strategy.parts, seed };
  const compressor = compression && makeCompressor(compression, compress, about);
  if (!compressor) return rounds;
  checkCompressor(compressor, strategy, precision);
  checkStatistics(`compressor ${compressor.name}`, workload);
  const fromParameters = compressor.differences && strategy.contributes === "parameters";
  return new CompressedRounds(rounds, compressor, (vector) => workload.clearGaps(vector), fromParameters);
}

/** What a run learns. */
function workloadOf(run: RunTask, { model }: Named): StepWorkload {
  const { config, steps, dataset } = run;
  const task = taskFromConfig(config, dataset.train.features, model);
  if (!task) return new AutoencoderWorkload(pipelineOptionsOf(run));
  return new ModelWorkload({ task, steps, batch: config.batch, seed: config.seed });
}

export function pipelineOptionsOf(run: RunTask): PipelineOptions {
  return { model: modelOf(run), config: run.config, steps: run.steps };
}

export function shapeOf({ workers }: RunTask, program: Rounds): TensorStoreShape {
  const { parts, vectors, length, local, each } = program;
  // Only snapshots lie there.
  if (program instanceof ServedRounds) return { workers: 1, parts: 1, vectors, length };
  return { workers, parts, vectors, length, local, each };
}

export function triggersOf({ config, steps, dataset }: RunTask, program: Rounds): TriggerOptions {
  const { evaluateEvery, checkpointEvery, batch } = config;
  const isShort = program.local || (program instanceof ServedRounds && !program.isBulk);
  return {
    rounds: roundAt(program, steps),
    program,
    snapshotEvery: (isShort ? SNAPSHOT_OF_LOCAL_EVERY : SNAPSHOT_EVERY) * (program.exchanges ?? 1),
    evaluateEvery,
    checkpointEvery,
    images: dataset.train.count,
    batch,
  };
}

/** Rounds before which a fault is due. */
export function faultRoundsOf({ faultSteps }: RunTask, program: Rounds): number[] {
  return faultSteps.map((step) => roundAt(program, step));
}

/** Bytes of shared memory for the activations of a pipeline. */
export function activationBytes(run: RunTask): number {
  return ActivationBuffers.bytes(activationShape(pipelineOptionsOf(run)));
}
