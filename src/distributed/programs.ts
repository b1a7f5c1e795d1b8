/**
 * What the nodes of a cluster run, wherever they live: a coordinator, a worker, a stage of a pipeline or its head, made
 * from the same parts.
 */
import type { ActorSystem } from "../actor/system.js";
import { type CoordinatorTimes, coordinator } from "../cluster/coordinator/coordinator.js";
import type { MilestoneOptions } from "../cluster/coordinator/trigger.js";
import { COORDINATOR, stageName } from "../cluster/names.js";
import { type NodePlace, startNode } from "../cluster/supervision/nodes.js";
import { worker } from "../cluster/worker/worker.js";
import type { Rendezvous } from "../collective/barrier.js";
import type { Collective } from "../collective/collective.js";
import type { DeviceOrder } from "../collective/stream-collective.js";
import type { Dataset } from "../data/dataset.js";
import type { Device } from "../device/device.js";
import { pipelineStages } from "../model/cut.js";
import type { PipelineMemory } from "../pipeline/memory.js";
import type { PipelineOptions } from "../pipeline/options.js";
import { stage } from "../pipeline/stage.js";
import { Stages } from "../pipeline/stages.js";
import type { Strategy } from "../strategies/strategy.js";
import type { Arena } from "../tensors/tensor-store.js";

/** What coordinator and workers share. */
export interface Parts {
  readonly strategy: Strategy;
  readonly arena: Arena;
  readonly collective: Collective;
  readonly rendezvous: Rendezvous;
  /** That of the device of a worker. Default: no device has one. */
  orderOf?(device: Device): Promise<DeviceOrder | undefined>;
}

export function startCoordinator(
  place: NodePlace,
  parts: Parts,
  options: {
    readonly workers: number;
    readonly milestones: MilestoneOptions;
    readonly faultRounds?: readonly number[];
    readonly divergenceAdvice?: string;
    readonly times: CoordinatorTimes;
  },
): ActorSystem {
  return startNode(place, COORDINATOR, ({ ledger }) => coordinator({ ...parts, ...options, ledger }));
}

export function startWorker(
  place: NodePlace,
  parts: Parts,
  options: {
    readonly index: number;
    readonly dataset: Pick<Dataset, "train" | "test">;
    readonly patience: number;
    openDevice(): Promise<Device>;
  },
): ActorSystem {
  return startNode(place, "worker", (addresses) =>
    worker({ ...parts, ...options, coordinator: () => addresses.coordinator }),
  );
}

/** What head and stages of a pipeline have to know of one another. */
export interface PipelineParts {
  readonly options: PipelineOptions;
  readonly memory: PipelineMemory;
  readonly dataset: Pick<Dataset, "train" | "test">;
  /** Milliseconds after which what was not answered is said again. */
  readonly remind: number;
}

/** Starts the one worker of a pipeline. @param parts with `Pipeline` as the strategy */
export function startHead(
  place: NodePlace,
  parts: Parts,
  { options, dataset, remind }: PipelineParts,
  { patience, stepTimeout }: { readonly patience: number; readonly stepTimeout: number },
): ActorSystem {
  let attempts = 0;
  return startNode(place, "worker", (addresses) => {
    const onSilence = (node: string): void => addresses.ledger.tell({ kind: "silent", node });
    const refs = pipelineStages(options.model).map(({ name }) => addresses.stage(stageName(name)));
    const openDevice = (signal: AbortSignal): Promise<Device> =>
      Stages.attach({ refs, remind, stepTimeout, onSilence, term: place.session * MOST_ATTEMPTS + ++attempts }, signal);
    return worker({ ...parts, index: 0, dataset, patience, openDevice, coordinator: () => addresses.coordinator });
  });
}

/** Heads that one process may start. */
const MOST_ATTEMPTS = 2 ** 20;

/** Starts stage `index` of `pipelineStages(model)`. */
export function startStage(
  place: NodePlace,
  { collective }: Pick<Parts, "collective">,
  parts: PipelineParts,
  { index, openDevice }: { readonly index: number; openDevice(): Promise<Device> },
): ActorSystem {
  const stages = pipelineStages(parts.options.model).length;
  return startNode(place, "stage", ({ ledger }) => stage({ ...parts, collective, index, stages, openDevice, ledger }));
}
