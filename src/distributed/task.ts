/** What the nodes of a run are to do, as plain data; and what they make of it, each in its process. */

import type { MilestoneOptions } from "../cluster/coordinator/trigger.js";
import type { ClusterTimes } from "../cluster/times.js";
import { NativeRendezvous } from "../collective/native-barrier.js";
import { NativeCollective } from "../collective/native-collective.js";
import type { DeviceOrder } from "../collective/stream-collective.js";
import type { Device } from "../device/device.js";
import type { Autoencoder } from "../model/autoencoder.js";
import { Relay } from "../pipeline/activation-buffers.js";
import { Pipeline } from "../pipeline/driver.js";
import { PipelineMemory } from "../pipeline/memory.js";
import { type PipelineOptions, relayShape } from "../pipeline/options.js";
import type { NodeDevice } from "../placement/node-device.js";
import type { Strategy } from "../strategies/strategy.js";
import { Synchronous } from "../strategies/synchronous.js";
import { openShared, type SharedDataset } from "../tensors/shared-dataset.js";
import { Arena, type ArenaShape, type MapMemory } from "../tensors/tensor-store.js";
import type { TrainingConfig } from "../training/config.js";
import { configuredModel } from "../training/configured.js";
import type { InheritedMemory } from "../transport/process/entry.js";
import { openSharedMemory } from "../transport/process/shared-memory.js";
import type { Parts, PipelineParts } from "./programs.js";

export interface RunTask {
  readonly config: TrainingConfig;
  /** Of the whole run. */
  readonly steps: number;
  readonly workers: number;
  /** Components of the model on devices of their own, instead of replicas of all of it. */
  readonly pipeline: boolean;
  readonly dataset: SharedDataset;
  /** Whether WebGPU devices use the kernels that were found best before. */
  readonly tune: boolean;
  readonly times: ClusterTimes;
  /** Steps after which something is made to fail. */
  readonly faultSteps: readonly number[];
}

export type NodeTask =
  | { readonly kind: "coordinator"; readonly run: RunTask }
  | ({ readonly kind: "worker"; readonly run: RunTask; readonly index: number } & NodeDevice)
  | { readonly kind: "head"; readonly run: RunTask }
  | ({ readonly kind: "stage"; readonly run: RunTask; readonly index: number } & NodeDevice);

/** Milliseconds after which stages say again what was not answered. */
const REMIND = 1000;

/** Rounds between snapshots that nothing else asks for: what a run loses at most when all replicas do. */
const SNAPSHOT_EVERY = 100;

export function modelOf({ config, dataset }: RunTask): Autoencoder {
  return configuredModel(config, dataset.train.features);
}

/** @param memory of a pipeline: what its learners need */
export function strategyOf(run: RunTask, memory?: PipelineMemory): Strategy {
  const options = optionsOf(run);
  return run.pipeline ? new Pipeline(options, memory) : new Synchronous(options);
}

function optionsOf(run: RunTask): PipelineOptions {
  return { model: modelOf(run), config: run.config, steps: run.steps };
}

export function shapeOf({ workers }: RunTask, { parts, vectors, length }: Strategy): ArenaShape {
  return { workers, parts, vectors, length };
}

export function milestonesOf({ config, steps, dataset }: RunTask, { stepsPerRound }: Strategy): MilestoneOptions {
  const { evaluateEvery, checkpointEvery, batch } = config;
  return {
    rounds: Math.ceil(steps / stepsPerRound),
    stepsPerRound,
    snapshotEvery: SNAPSHOT_EVERY,
    evaluateEvery,
    checkpointEvery,
    images: dataset.train.count,
    batch,
  };
}

/** Rounds after which something is made to fail. */
export function faultRoundsOf({ faultSteps }: RunTask, { stepsPerRound }: Strategy): number[] {
  return faultSteps.map((step) => Math.ceil(step / stepsPerRound));
}

/** The order in which shared memory is handed down. */
export const [ARENA_MEMORY, DATASET_MEMORY, RENDEZVOUS_MEMORY, RELAY_MEMORY] = [0, 1, 2, 3];

/** Bytes of shared memory that stages need beside what all runs do. */
export function relayBytes(run: RunTask): number {
  return Relay.bytes(relayShape(optionsOf(run)));
}

export function openParts(task: NodeTask, memory: readonly InheritedMemory[]): Parts {
  const { run } = task;
  const arena = new Arena(shapeOf(run, strategyOf(run)), mapOf(memory[ARENA_MEMORY]));
  const strategy = strategyOf(run, run.pipeline ? openPipelineMemory(run, arena, memory) : undefined);
  // Who has some of the cores for its device leaves the others to those who work there.
  const threads = "open" in task ? task.open.threads : undefined;
  const rendezvous = new NativeRendezvous(openInherited(memory[RENDEZVOUS_MEMORY]));
  const orderOf = async (device: Device): Promise<DeviceOrder | undefined> => {
    if (device.info.kind !== "cpu") return undefined;
    const { cpuOrder } = await import("../collective/cpu-stream-collective.js");
    return cpuOrder(device, rendezvous);
  };
  return { strategy, arena, rendezvous, collective: new NativeCollective({ threads }), orderOf };
}

/** What head and stages share. */
export function openPipelineParts(run: RunTask, arena: Arena, memory: readonly InheritedMemory[]): PipelineParts {
  return {
    options: optionsOf(run),
    memory: openPipelineMemory(run, arena, memory),
    dataset: openShared(run.dataset, openInherited(memory[DATASET_MEMORY])),
    remind: REMIND,
  };
}

function openPipelineMemory(run: RunTask, arena: Arena, memory: readonly InheritedMemory[]): PipelineMemory {
  return new PipelineMemory(arena, new Relay(relayShape(optionsOf(run)), mapOf(memory[RELAY_MEMORY])));
}

function mapOf({ fd, bytes }: InheritedMemory): MapMemory {
  const shared = openSharedMemory(fd, bytes);
  return (offset, length) => shared.map(offset, length);
}

export function openInherited({ fd, bytes }: InheritedMemory): ArrayBuffer {
  return openSharedMemory(fd, bytes).buffer;
}
