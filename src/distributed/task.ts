/** The tasks of the nodes of a run, as plain data, and what a node makes of its task. */

import type { ClusterTimes } from "../cluster/times.js";
import { NativeBarrier } from "../collective/native-barrier.js";
import { NativeCollective } from "../collective/native-collective.js";
import type { StreamCollective } from "../collective/stream-collective.js";
import type { Device } from "../device/device.js";
import { UsageError } from "../error.js";
import type { Autoencoder } from "../model/autoencoder.js";
import { ActivationBuffers } from "../pipeline/activation-buffers.js";
import { Pipeline } from "../pipeline/driver.js";
import { PipelineMemory } from "../pipeline/memory.js";
import { activationShape, type PipelineOptions } from "../pipeline/options.js";
import type { NodeDevice } from "../placement/node-device.js";
import { BulkRounds } from "../strategies/bulk-rounds.js";
import { GradientRounds } from "../strategies/gradient-rounds.js";
import { isGradientStep } from "../strategies/gradient-step.js";
import { makeStrategy } from "../strategies/registry.js";
import { type RoundProgram, roundAt } from "../strategies/replica.js";
import type { StrategyFactory } from "../strategies/strategy.js";
import { strategyRun } from "../strategies/strategy-run.js";
import { synchronous } from "../strategies/synchronous.js";
import { openShared, type SharedDataset } from "../tensors/shared-dataset.js";
import { type MapMemory, TensorStore, type TensorStoreShape } from "../tensors/tensor-store.js";
import type { TrainingConfig } from "../training/config.js";
import { modelFromConfig } from "../training/from-config.js";
import { choiceText, SYNCHRONOUS } from "../training/strategy-choice.js";
import type { TriggerOptions } from "../training/triggers.js";
import type { InheritedMemory } from "../transport/process/entry.js";
import { openSharedMemory } from "../transport/process/shared-memory.js";
import { AutoencoderWorkload } from "../workload/autoencoder.js";
import type { NodeParts, PipelineNodeParts } from "./programs.js";

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

/** Milliseconds after which a message to a stage without an answer is sent again. */
const REMIND = 1000;

/** Rounds between snapshots that nothing else asks for: the most that a run loses when all replicas are lost. */
const SNAPSHOT_EVERY = 100;
/** The same where parts have a state of their own: a new coordinator goes back to a snapshot. */
const SNAPSHOT_OF_LOCAL_EVERY = 10;

export function modelOf({ config, dataset }: RunTask): Autoencoder {
  return modelFromConfig(config, dataset.train.features);
}

/**
 * @param factory of the strategy that the configuration names
 * @param memory of a pipeline: what its learners need
 */
export function strategyOf(run: RunTask, factory = synchronous, memory?: PipelineMemory): RoundProgram {
  const options = optionsOf(run);
  const { strategy: choice = SYNCHRONOUS, precision } = run.config;
  if (run.pipeline) {
    if (choice !== SYNCHRONOUS)
      throw new UsageError(`a pipeline is one replica: leave strategy ${choiceText(choice)} out`);
    return new Pipeline(options, memory);
  }
  const workload = new AutoencoderWorkload(options);
  const about = strategyRun(workload, { ...run.config, images: run.dataset.train.count, steps: run.steps });
  const strategy = makeStrategy(factory, choice, about);
  if (isGradientStep(strategy, about)) return new GradientRounds(options);
  if (precision === "f16") {
    throw new UsageError(
      `precision f16 has a loss scale, which strategy ${strategy.name} does not keep: use bf16 or f32`,
    );
  }
  return new BulkRounds(workload, strategy);
}

function optionsOf(run: RunTask): PipelineOptions {
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

/** The order in which processes inherit shared memory. */
export const [TENSOR_MEMORY, DATASET_MEMORY, BARRIER_MEMORY, ACTIVATION_MEMORY] = [0, 1, 2, 3];

/** Bytes of shared memory for the activations of a pipeline. */
export function activationBytes(run: RunTask): number {
  return ActivationBuffers.bytes(activationShape(optionsOf(run)));
}

/** @param factory of the strategy that the configuration names */
export function openDependencies(
  task: NodeTask,
  memory: readonly InheritedMemory[],
  factory: StrategyFactory,
): NodeParts {
  const { run } = task;
  const tensors = new TensorStore(shapeOf(run, strategyOf(run, factory)), mapOf(memory[TENSOR_MEMORY]));
  const strategy = strategyOf(run, factory, run.pipeline ? openPipelineMemory(run, tensors, memory) : undefined);
  // A worker with a limited number of cores leaves the others to other workers.
  const threads = "open" in task ? task.open.threads : undefined;
  const barrier = new NativeBarrier(openInherited(memory[BARRIER_MEMORY]));
  const streamCollectiveOf = async (device: Device): Promise<StreamCollective | undefined> => {
    if (device.info.kind !== "cpu") return undefined;
    const { cpuStreamCollective } = await import("../collective/cpu-stream-collective.js");
    return cpuStreamCollective(device, barrier);
  };
  return { strategy, tensors, barrier, collective: new NativeCollective({ threads }), streamCollectiveOf };
}

/** What driver and stages share. */
export function openPipelineDependencies(
  run: RunTask,
  tensors: TensorStore,
  memory: readonly InheritedMemory[],
): PipelineNodeParts {
  return {
    options: optionsOf(run),
    memory: openPipelineMemory(run, tensors, memory),
    dataset: openShared(run.dataset, openInherited(memory[DATASET_MEMORY])),
    remind: REMIND,
  };
}

function openPipelineMemory(run: RunTask, tensors: TensorStore, memory: readonly InheritedMemory[]): PipelineMemory {
  return new PipelineMemory(
    tensors,
    new ActivationBuffers(activationShape(optionsOf(run)), mapOf(memory[ACTIVATION_MEMORY])),
  );
}

function mapOf({ fd, bytes }: InheritedMemory): MapMemory {
  const shared = openSharedMemory(fd, bytes);
  return (offset, length) => shared.map(offset, length);
}

export function openInherited({ fd, bytes }: InheritedMemory): ArrayBuffer {
  return openSharedMemory(fd, bytes).buffer;
}
