/** A node's process in a run with parameter servers. */
import type { ActorSystem } from "../../actor/system.js";
import type { NodeDependencies } from "../../cluster/supervision/nodes.js";
import { NativeCollective } from "../../collective/native-collective.js";
import { openDevice } from "../../device/open.js";
import { DawnpourError } from "../../error.js";
import { pieceUpdate } from "../../parameter-server/piece-update.js";
import type { ServedRounds } from "../../parameter-server/served-rounds.js";
import { openNodeDevice } from "../../placement/node-device.js";
import { roundAt } from "../../strategies/rounds/replica.js";
import { divergenceAdvice } from "../../training/config/advice.js";
import type { InheritedMemory } from "../../transport/process/entry.js";
import type { World } from "../../world/world.js";
import { openDataset, openTensors } from "../node-fabric.js";
import { type NodeTask, type RunTask, triggersOf } from "../task.js";
import { startServedCoordinator, startServedWorker, startServer } from "./served-programs.js";

/** Milliseconds after which a message without an answer is sent again. */
const REMIND = 1000;

export function startServed(
  node: NodeDependencies & { readonly world: World },
  task: NodeTask,
  rounds: ServedRounds,
  memory: readonly InheritedMemory[],
  warn: (message: string) => void,
): ActorSystem {
  const { run } = task;
  const shared = { rounds, remind: REMIND };
  switch (task.kind) {
    case "coordinator":
      return startServedCoordinator(node, shared, {
        workers: run.workers,
        triggers: triggersOf(run, rounds),
        // Time for a worker to come back.
        reserve: run.times.timeout + run.times.restartPause,
      });
    case "server":
      return startServer(node, shared, {
        piece: task.index,
        collective: new NativeCollective({ threads: 1 }),
        update: () => updateOf(run, rounds, task.index),
      });
    case "worker":
      return startServedWorker(node, shared, {
        index: task.index,
        end: roundAt(rounds, run.steps),
        dataset: openDataset(run, memory),
        tensors: openTensors(run, rounds, memory),
        patience: run.times.patience,
        // Such a run has no clip.
        divergenceAdvice: divergenceAdvice(run.config, false),
        openDevice: () => openNodeDevice(node.world, task, warn),
      });
    default:
      throw new DawnpourError(`Invariant violation: a run with parameter servers has no ${task.kind}`);
  }
}

/** A server computes on the CPU, whatever the devices of the workers are: so a replay computes the same bits anywhere. */
export function updateOf({ config, steps }: RunTask, { pieces }: ServedRounds, piece: number) {
  const { arithmetic } = config;
  return pieceUpdate(config, steps, pieces[piece].length, () => openDevice({ device: "cpu", threads: 1, arithmetic }));
}
