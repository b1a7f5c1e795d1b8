/** What a node's process makes of the memory that it inherits. */
import type { VectorFabric } from "../cluster/fabric.js";
import { NativeBarrier } from "../collective/native-barrier.js";
import { NativeCollective } from "../collective/native-collective.js";
import type { StreamCollective } from "../collective/stream-collective.js";
import type { Device } from "../device/device.js";
import { ActivationBuffers } from "../pipeline/activation-buffers.js";
import { PipelineMemory } from "../pipeline/memory.js";
import { activationShape } from "../pipeline/options.js";
import type { RoundProgram, Rounds } from "../strategies/rounds/replica.js";
import { openShared } from "../tensors/shared-dataset.js";
import { type MapMemory, TensorStore } from "../tensors/tensor-store.js";
import type { InheritedMemory } from "../transport/process/entry.js";
import { openSharedMemory } from "../transport/process/shared-memory.js";
import type { PipelineNodeParts } from "./node-programs.js";
import { ACTIVATION_MEMORY, BARRIER_MEMORY, DATASET_MEMORY, TENSOR_MEMORY } from "./run-memory.js";
import { type NodeTask, pipelineOptionsOf, type RunTask, shapeOf } from "./task.js";

/** Milliseconds after which a message to a stage without an answer is sent again. */
const REMIND = 1000;

/** @param program the rounds of the run */
export function openNodeFabric(
  task: NodeTask,
  program: RoundProgram,
  memory: readonly InheritedMemory[],
): VectorFabric {
  const tensors = openTensors(task.run, program, memory);
  // A worker with a limited number of cores leaves the others to other workers.
  const threads = "open" in task ? task.open.threads : undefined;
  const barrier = new NativeBarrier(openInherited(memory[BARRIER_MEMORY]));
  const streamCollectiveOf = async (device: Device): Promise<StreamCollective | undefined> => {
    if (device.info.kind !== "cpu") return undefined;
    const { cpuStreamCollective } = await import("../collective/cpu-stream-collective.js");
    return cpuStreamCollective(device, barrier);
  };
  return { tensors, barrier, collective: new NativeCollective({ threads }), streamCollectiveOf };
}

export const openTensors = (run: RunTask, rounds: Rounds, memory: readonly InheritedMemory[]): TensorStore =>
  new TensorStore(shapeOf(run, rounds), mapOf(memory[TENSOR_MEMORY]));

export function openDataset(run: RunTask, memory: readonly InheritedMemory[]) {
  return openShared(run.dataset, openInherited(memory[DATASET_MEMORY]));
}

/** What driver and stages share. */
export function openPipelineParts(
  run: RunTask,
  tensors: TensorStore,
  memory: readonly InheritedMemory[],
): PipelineNodeParts {
  const options = pipelineOptionsOf(run);
  const activations = new ActivationBuffers(activationShape(options), mapOf(memory[ACTIVATION_MEMORY]));
  return {
    options,
    memory: new PipelineMemory(tensors, activations),
    dataset: openDataset(run, memory),
    remind: REMIND,
  };
}

function mapOf({ fd, bytes }: InheritedMemory): MapMemory {
  const shared = openSharedMemory(fd, bytes);
  return (offset, length) => shared.map(offset, length);
}

function openInherited({ fd, bytes }: InheritedMemory): ArrayBuffer {
  return openSharedMemory(fd, bytes).buffer;
}
