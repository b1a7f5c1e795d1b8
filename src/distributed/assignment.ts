/**
 * What each node of a run does: a replica of the model on each place; or the driver of a pipeline, as the only worker,
 * and its stages, dealt over the places. Parameter servers are further nodes.
 */

import { pipelineStages } from "../model/stage-cut.js";
import { COORDINATOR, serverIndex, serverName, stageName, workerIndex, workerName } from "../placement/names.js";
import type { WorkerPlace } from "../placement/placement.js";
import { modelOf, type NodeTask, type RunTask } from "./task.js";

export interface Assignment {
  readonly workers: number;
  /** Nodes that are no workers. */
  readonly extras: readonly string[];
  /** The devices of each worker, for the user. */
  readonly devices: readonly string[];
  /** Nodes with devices, in the order of the devices: `worker-1` and `device-1` in a fault mean the second of them. */
  readonly computing: readonly string[];
  task(node: string): NodeTask;
  environment(node: string): Readonly<Record<string, string>> | undefined;
}

/** @param servers parameter servers, which compute on the CPU */
export function assign(run: RunTask, places: readonly WorkerPlace[], servers = 0): Assignment {
  return run.pipeline ? pipeline(run, places) : replicas(run, places, servers);
}

function replicas(run: RunTask, places: readonly WorkerPlace[], servers: number): Assignment {
  return {
    workers: places.length,
    extras: Array.from({ length: servers }, (_, piece) => serverName(piece)),
    devices: places.map(({ describe }) => describe),
    computing: places.map((_, index) => workerName(index)),
    task(node) {
      const index = workerIndex(node);
      if (index !== undefined) return { kind: "worker", run, index, open: places[index].open, tuned: run.tune };
      const piece = serverIndex(node);
      return piece === undefined ? { kind: "coordinator", run } : { kind: "server", run, index: piece };
    },
    environment: (node) => places[workerIndex(node) ?? places.length]?.environment,
  };
}

function pipeline(run: RunTask, places: readonly WorkerPlace[]): Assignment {
  const stages = pipelineStages(modelOf(run)).map(({ name }) => stageName(name));
  const placeOf = (stage: number): WorkerPlace => places[stage % places.length];
  return {
    workers: 1,
    extras: stages,
    devices: [stages.map((_, stage) => placeOf(stage).describe).join(" | ")],
    computing: stages,
    task(node) {
      if (node === COORDINATOR) return { kind: "coordinator", run };
      const index = stages.indexOf(node);
      if (index < 0) return { kind: "driver", run };
      return { kind: "stage", run, index, open: placeOf(index).open, tuned: run.tune };
    },
    environment: (node) => (stages.includes(node) ? placeOf(stages.indexOf(node)).environment : undefined),
  };
}
