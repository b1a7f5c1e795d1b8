/** The fabric of a run: on this machine, or on those that share it. */
import type { Dataset } from "../data/dataset.js";
import { UsageError } from "../error.js";
import { ServedRounds } from "../parameter-server/served-rounds.js";
import type { Rounds } from "../strategies/rounds/replica.js";
import { MachineFabric, type RunFabric } from "./machine-fabric.js";
import { NatsFabric } from "./machines/nats-fabric.js";
import type { DistributedDependencies } from "./options.js";
import type { RunTask } from "./task.js";

export type { RunFabric };

/** @throws UsageError for a run that needs one machine; else as the fabrics do */
export async function openFabric(
  { world, machines }: DistributedDependencies,
  task: RunTask,
  strategy: Rounds,
  dataset: Dataset,
): Promise<RunFabric> {
  if (!machines) return MachineFabric.open(world, task, strategy, dataset);
  if (task.pipeline || strategy instanceof ServedRounds) {
    throw new UsageError("pipelines and parameter servers need one machine: use dawnpour train, or another strategy");
  }
  return NatsFabric.open(world, task, strategy, dataset, machines);
}
