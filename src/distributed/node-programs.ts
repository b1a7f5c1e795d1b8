/** The nodes of a cluster, on any host: a coordinator, a worker, a stage of a pipeline or its driver. */
import type { ActorSystem } from "../actor/system.js";
import { type CoordinatorOptions, type CoordinatorTimes, coordinator } from "../cluster/coordinator/coordinator.js";
import type { VectorFabric } from "../cluster/fabric.js";
import { type NodeDependencies, startNode } from "../cluster/supervision/nodes.js";
import { worker } from "../cluster/worker/worker.js";
import type { Dataset } from "../data/dataset.js";
import type { Device } from "../device/device.js";
import { pipelineStages } from "../model/stage-cut.js";
import { DrivenPipeline } from "../pipeline/driver.js";
import type { PipelineMemory } from "../pipeline/memory.js";
import type { PipelineOptions } from "../pipeline/options.js";
import type { ToStage } from "../pipeline/protocol.js";
import { stage } from "../pipeline/stage.js";
import { Stages } from "../pipeline/stages.js";
import { COORDINATOR, stageName } from "../placement/names.js";
import type { ReplicaProgram, RoundProgram } from "../strategies/rounds/replica.js";
import type { TriggerOptions } from "../training/triggers.js";
import type { Link } from "../transport/link.js";

export function startCoordinator(
  node: NodeDependencies,
  parts: Omit<VectorFabric, "barrier"> & Pick<CoordinatorOptions, "barrier"> & { readonly strategy: RoundProgram },
  options: {
    readonly workers: number;
    readonly least?: number;
    readonly triggers: TriggerOptions;
    readonly faultRounds?: readonly number[];
    readonly divergenceAdvice?: string;
    readonly link?: Link;
    readonly times: CoordinatorTimes;
  },
): ActorSystem {
  return startNode(node, COORDINATOR, ({ journal }) => coordinator({ ...parts, ...options, journal }));
}

export function startWorker(
  node: NodeDependencies,
  parts: VectorFabric & { readonly strategy: ReplicaProgram },
  options: {
    readonly index: number;
    readonly dataset: Pick<Dataset, "train" | "test">;
    readonly patience: number;
    openDevice(): Promise<Device>;
  },
): ActorSystem {
  return startNode(node, "worker", (addresses) =>
    worker({ ...parts, ...options, coordinator: () => addresses.coordinator }),
  );
}

/** What driver and stages of a pipeline share. */
export interface PipelineNodeParts {
  readonly options: PipelineOptions;
  readonly memory: PipelineMemory;
  readonly dataset: Pick<Dataset, "train" | "test">;
  /** Milliseconds after which a message without an answer is sent again. */
  readonly remind: number;
}

/** Starts the only worker of a pipeline. */
export function startDriver(
  node: NodeDependencies,
  { tensors, collective, barrier }: VectorFabric,
  { options, memory, dataset, remind }: PipelineNodeParts,
  { patience, stepTimeout }: { readonly patience: number; readonly stepTimeout: number },
): ActorSystem {
  let attempts = 0;
  const strategy = new DrivenPipeline(options, memory);
  return startNode(node, "worker", (addresses) => {
    const onSilence = (node: string): void => addresses.journal.tell({ kind: "silent", node });
    const refs = pipelineStages(options.model).map(({ name }) => addresses.stage<ToStage>(stageName(name)));
    const openDevice = (signal: AbortSignal): Promise<Stages> =>
      Stages.attach(
        { refs, remind, stepTimeout, onSilence, term: node.incarnation * MOST_ATTEMPTS + ++attempts },
        signal,
      );
    return worker({
      ...{ strategy, tensors, collective, barrier, index: 0, dataset, patience, openDevice },
      coordinator: () => addresses.coordinator,
    });
  });
}

/** Drivers that one process may start. */
const MOST_ATTEMPTS = 2 ** 20;

/** Starts stage `index` of `pipelineStages(model)`. */
export function startStage(
  node: NodeDependencies,
  { collective }: Pick<VectorFabric, "collective">,
  parts: PipelineNodeParts,
  { index, openDevice }: { readonly index: number; openDevice(): Promise<Device> },
): ActorSystem {
  const stages = pipelineStages(parts.options.model).length;
  return startNode(node, "stage", ({ journal }) => stage({ ...parts, collective, index, stages, openDevice, journal }));
}
