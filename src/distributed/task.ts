/** The tasks of the nodes of a run, as plain data, and what follows from them. */

import { type ClusterTimes, resolveTimes } from "../cluster/times.js";
import type { Autoencoder } from "../model/autoencoder.js";
import { ActivationBuffers } from "../pipeline/activation-buffers.js";
import { Pipeline } from "../pipeline/driver.js";
import { activationShape, type PipelineOptions } from "../pipeline/options.js";
import type { NodeDevice } from "../placement/node-device.js";
import { BulkRounds } from "../strategies/bulk-rounds.js";
import { GradientRounds } from "../strategies/gradient-rounds.js";
import { isGradientStep } from "../strategies/gradient-step.js";
import { makeStrategy } from "../strategies/registry.js";
import { type ReplicaProgram, type RoundProgram, roundAt } from "../strategies/replica.js";
import { strategyRun } from "../strategies/strategy-run.js";
import { synchronous } from "../strategies/synchronous.js";
import { layOut, type SharedDataset } from "../tensors/shared-dataset.js";
import type { TensorStoreShape } from "../tensors/tensor-store.js";
import type { TrainingConfig } from "../training/config.js";
import { learningRate, modelFromConfig } from "../training/from-config.js";
import type { Plan } from "../training/plan.js";
import { SYNCHRONOUS } from "../training/strategy-choice.js";
import type { TriggerOptions } from "../training/triggers.js";
import { AutoencoderWorkload } from "../workload/autoencoder.js";
import { checkPrecision } from "./check-strategy.js";
import type { DistributedDependencies } from "./options.js";

export interface RunTask {
  readonly config: TrainingConfig;
  /** Steps of the whole run. */
  readonly steps: number;
  readonly workers: number;
  /** Train a pipeline instead of replicas. */
  readonly pipeline: boolean;
  readonly dataset: SharedDataset;
  /** Whether WebGPU devices use kernels tuned before. */
  readonly tune: boolean;
  readonly times: ClusterTimes;
  /** Steps after which a fault is due. */
  readonly faultSteps: readonly number[];
}

export type NodeTask =
  | { readonly kind: "coordinator"; readonly run: RunTask }
  | ({ readonly kind: "worker"; readonly run: RunTask; readonly index: number } & NodeDevice)
  | { readonly kind: "driver"; readonly run: RunTask }
  | ({ readonly kind: "stage"; readonly run: RunTask; readonly index: number } & NodeDevice);

/** Rounds between snapshots that nothing else asks for: the most that a run loses when all replicas are lost. */
const SNAPSHOT_EVERY = 100;
/** The same where parts have a state of their own: a new coordinator goes back to a snapshot. */
const SNAPSHOT_OF_LOCAL_EVERY = 10;

export function taskOf(
  { config, model, dataset, steps }: Plan,
  options: Pick<DistributedDependencies, "places" | "pipeline" | "tune" | "faults" | "times">,
): RunTask {
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

export function modelOf({ config, dataset }: RunTask): Autoencoder {
  return modelFromConfig(config, dataset.train.features);
}

/** The rounds of a run. @param factory of the strategy that the configuration names */
export function programOf(run: RunTask, factory = synchronous): RoundProgram {
  if (!run.pipeline) return replicasOf(run, factory);
  return new Pipeline(pipelineOptionsOf(run));
}

/** The same for a run without a pipeline. */
export function replicasOf(run: RunTask, factory = synchronous): ReplicaProgram {
  const options = pipelineOptionsOf(run);
  const { strategy: choice = SYNCHRONOUS, precision } = run.config;
  const workload = new AutoencoderWorkload(options);
  const about = strategyRun(workload, {
    ...run.config,
    images: run.dataset.train.count,
    steps: run.steps,
    rate: (step) => learningRate(run.config, run.steps, step),
  });
  const strategy = makeStrategy(factory, choice, about);
  if (isGradientStep(strategy, about)) return new GradientRounds(options);
  checkPrecision(strategy.name, precision);
  return new BulkRounds(workload, strategy);
}

export function pipelineOptionsOf(run: RunTask): PipelineOptions {
  return { model: modelOf(run), config: run.config, steps: run.steps };
}

export function shapeOf({ workers }: RunTask, program: RoundProgram): TensorStoreShape {
  const { parts, vectors, length, local, each } = program;
  return { workers, parts, vectors, length, local, each };
}

export function triggersOf({ config, steps, dataset }: RunTask, program: RoundProgram): TriggerOptions {
  const { evaluateEvery, checkpointEvery, batch } = config;
  return {
    rounds: roundAt(program, steps),
    stepsPerRound: program.stepsPerRound,
    program,
    snapshotEvery: (program.local ? SNAPSHOT_OF_LOCAL_EVERY : SNAPSHOT_EVERY) * (program.exchanges ?? 1),
    evaluateEvery,
    checkpointEvery,
    images: dataset.train.count,
    batch,
  };
}

/** Rounds before which a fault is due. */
export function faultRoundsOf({ faultSteps }: RunTask, program: RoundProgram): number[] {
  return faultSteps.map((step) => roundAt(program, step));
}

/** Bytes of shared memory for the activations of a pipeline. */
export function activationBytes(run: RunTask): number {
  return ActivationBuffers.bytes(activationShape(pipelineOptionsOf(run)));
}
