/** The nodes of a run with parameter servers, on any host: a coordinator, a worker, a server. */
import type { Ref } from "../../actor/ref.js";
import type { ActorSystem } from "../../actor/system.js";
import { type Addresses, type NodeDependencies, startNode } from "../../cluster/supervision/nodes.js";
import type { Collective } from "../../collective/collective.js";
import type { Dataset } from "../../data/dataset.js";
import type { Device } from "../../device/device.js";
import { servedCoordinator } from "../../parameter-server/coordinator.js";
import type { PieceUpdate } from "../../parameter-server/piece-update.js";
import type { ToOrderLog, ToServer } from "../../parameter-server/protocol.js";
import type { ServedRounds } from "../../parameter-server/served-rounds.js";
import { server } from "../../parameter-server/server.js";
import { servedWorker } from "../../parameter-server/worker.js";
import { COORDINATOR, MAIN, serverName } from "../../placement/names.js";
import type { TensorStore } from "../../tensors/tensor-store.js";
import type { TriggerOptions } from "../../training/triggers.js";
import type { Learner } from "../../workload/learner.js";

/** Name of the order log's actor in the main process. */
export const ORDER_LOG = "order-log";

interface Served {
  readonly rounds: ServedRounds;
  /** Milliseconds after which a message without an answer is sent again. */
  readonly remind: number;
}

export function startServedCoordinator(
  node: NodeDependencies,
  { rounds, remind }: Served,
  options: { readonly workers: number; readonly triggers: TriggerOptions; readonly reserve: number },
): ActorSystem {
  const { workers, triggers, reserve } = options;
  const times = { remind, reserve };
  return startNode(node, COORDINATOR, (addresses) =>
    servedCoordinator({
      ...{ parts: rounds.parts, isBulk: rounds.isBulk, workers, triggers, times },
      ...{ servers: serversOf(addresses, rounds), journal: addresses.journal },
    }),
  );
}

export function startServer(
  node: NodeDependencies,
  { rounds, remind }: Served,
  own: { readonly piece: number; readonly collective: Collective; update(): PieceUpdate },
): ActorSystem {
  return startNode(node, "server", (addresses) =>
    server({
      ...{ ...own, rounds, remind, journal: addresses.journal },
      log: addresses.at<ToOrderLog>(MAIN, `/${ORDER_LOG}`),
    }),
  );
}

export function startServedWorker(
  node: NodeDependencies,
  { rounds, remind }: Served,
  options: {
    readonly index: number;
    /** Clocks of the whole run. */
    readonly end: number;
    readonly dataset: Pick<Dataset, "train" | "test">;
    readonly tensors: TensorStore;
    readonly patience: number;
    /** The end of the message about values that are not finite. */
    readonly divergenceAdvice?: string;
    openDevice(): Promise<Device>;
    /** See `ServedWorkerOptions`. */
    learner?(learner: Learner): Learner;
  },
): ActorSystem {
  return startNode(node, "worker", (addresses) =>
    servedWorker({
      ...{ ...options, rounds, remind, servers: serversOf(addresses, rounds) },
      coordinator: () => addresses.at(COORDINATOR, `/${COORDINATOR}`),
    }),
  );
}

const serversOf = (addresses: Addresses, { pieces }: ServedRounds): Ref<ToServer>[] =>
  pieces.map((_, piece) => addresses.at(serverName(piece), "/server"));
