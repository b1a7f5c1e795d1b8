/** What the nodes of a cluster run, wherever they live: a coordinator or a worker, made from the same parts. */
import type { ActorSystem } from "../actor/system.js";
import type { Dataset } from "../data/dataset.js";
import type { Device } from "../device/device.js";
import type { Arena } from "./arena.js";
import type { Collective } from "./collective.js";
import { type CoordinatorTimes, coordinator } from "./coordinator.js";
import type { MilestoneOptions } from "./milestones.js";
import { COORDINATOR, type NodePlace, startNode } from "./nodes.js";
import type { Strategy } from "./strategy.js";
import { worker } from "./worker.js";

/** What coordinator and workers share. */
export interface Parts {
  readonly strategy: Strategy;
  readonly arena: Arena;
  readonly collective: Collective;
}

export function startCoordinator(
  place: NodePlace,
  parts: Parts,
  options: { readonly workers: number; readonly milestones: MilestoneOptions; readonly times: CoordinatorTimes },
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
