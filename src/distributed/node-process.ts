/**
 * The main program of a node's process: it reads which node it is, and runs that node until the node or the parent
 * process ends.
 */
import type { ActorSystem } from "../actor/system.js";
import type { VectorFabric } from "../cluster/fabric.js";
import { rootCause } from "../cluster/supervision/root-cause.js";
import { DawnpourError, oneLine } from "../error.js";
import { ServedRounds } from "../parameter-server/served-rounds.js";
import { openNodeDevice } from "../placement/node-device.js";
import type { RoundProgram } from "../strategies/rounds/replica.js";
import { divergenceAdvice } from "../training/config/advice.js";
import { type Joined, joinParent } from "../transport/process/child.js";
import { openTransport } from "../transport/transports.js";
import { nodeWorld } from "../world/node/world.js";
import type { World } from "../world/world.js";
import { transitOf } from "./check-link.js";
import { markNode } from "./in-node.js";
import { courierFor } from "./machines/courier.js";
import { openDataset, openNodeFabric, openPipelineParts } from "./node-fabric.js";
import { startCoordinator, startDriver, startStage, startWorker } from "./node-programs.js";
import { overLink } from "./over-link.js";
import { startServed } from "./served/served-node.js";
import { faultRoundsOf, loadNamed, type NodeTask, programOf, replicaProgramOf, triggersOf } from "./task.js";

const FAILED = 1;

/** Runs the node until it ends, and then ends the process. */
export async function runNodeProcess(): Promise<void> {
  const joined = await joinParent();
  const { name } = joined.spec;
  markNode(name);
  let hasFailed = false;
  const fail = (error: unknown): void => {
    if (hasFailed) return;
    hasFailed = true;
    const reason = oneLine(rootCause(error));
    sayAs(name, reason);
    joined.giveUp(reason);
  };
  // Of modules of the user's own.
  process.on("unhandledRejection", fail);
  process.on("uncaughtException", fail);
  const system = await start(nodeWorld(), joined, (message) => sayAs(name, `warning: ${oneLine(message)}`));
  const { error } = await system.ended;
  if (error === undefined) process.exit(FAILED);
  fail(error);
}

/** Writes one line for the user. */
function sayAs(name: string, what: string): void {
  process.stderr.write(`${name}: ${what}\n`);
}

async function start(
  world: World,
  { spec, transport: link, memory }: Joined,
  warn: (message: string) => void,
): Promise<ActorSystem> {
  const task = spec.task as NodeTask;
  const { run } = task;
  const named = await loadNamed(run.config);
  const program = programOf(run, named);
  const { name, incarnation } = spec;
  const transport = overLink(await openTransport(run.transport, { world, link }), run.link, world);
  const courier = (program: RoundProgram, { tensors }: VectorFabric) =>
    task.courier === undefined ? undefined : courierFor(task.courier, tensors, program, run.times.stepTimeout);
  const options = { world, name, incarnation, transport, times: run.times };
  if (program instanceof ServedRounds) return startServed(options, task, program, memory, warn);
  const fabric = openNodeFabric(task, program, memory);
  switch (task.kind) {
    case "coordinator":
      return startCoordinator(
        { ...options, courier: courier(program, fabric) },
        { ...fabric, strategy: program, barrier: task.courier === undefined ? fabric.barrier : undefined },
        {
          workers: run.workers,
          least: run.least,
          triggers: triggersOf(run, program),
          faultRounds: faultRoundsOf(run, program),
          divergenceAdvice: divergenceAdvice(run.config),
          link: run.link,
          times: {
            ...{ gather: 500, remind: 1000, grace: 200, step: run.times.stepTimeout },
            transit: transitOf(run.link, program, run.workers),
          },
        },
      );
    case "worker":
      return startWorker(
        { ...options, courier: courier(program, fabric) },
        { ...fabric, strategy: replicaProgramOf(run, named) },
        {
          index: task.index,
          dataset: openDataset(run, memory),
          patience: run.times.patience,
          openDevice: () => openNodeDevice(world, task, warn),
        },
      );
    case "driver":
      return startDriver(options, fabric, openPipelineParts(run, fabric.tensors, memory), run.times);
    case "stage":
      return startStage(options, fabric, openPipelineParts(run, fabric.tensors, memory), {
        index: task.index,
        openDevice: () => openNodeDevice(world, task, warn),
      });
    case "server":
      throw new DawnpourError("Invariant violation: a run of replicas has no parameter servers");
  }
}
