/**
 * The main program of a node's process: it reads which node it is, and runs that node until the node or the parent
 * process ends.
 */
import type { ActorSystem } from "../actor/system.js";
import { rootCause } from "../cluster/supervision/root-cause.js";
import { oneLine } from "../error.js";
import { openNodeDevice } from "../placement/node-device.js";
import { divergenceAdvice } from "../training/advice.js";
import { type Joined, joinParent } from "../transport/process/child.js";
import { openTransport } from "../transport/transports.js";
import { nodeWorld } from "../world/node/world.js";
import type { World } from "../world/world.js";
import { markNode } from "./in-node.js";
import { openDataset, openNodeFabric, openPipelineParts } from "./node-fabric.js";
import { startCoordinator, startDriver, startStage, startWorker } from "./node-programs.js";
import { faultRoundsOf, loadNamed, type NodeTask, programOf, replicasOf, triggersOf } from "./task.js";

const FAILED = 1;

/** Runs the node until it ends, and then ends the process. */
export async function runNodeProcess(): Promise<never> {
  const { spec, transport, memory } = await joinParent();
  const say = (what: string): void => sayAs(spec.name, what);
  markNode(spec.name);
  const fail = (error: unknown): never => {
    say(rootCause(error));
    process.exit(FAILED);
  };
  // Of modules of the user's own.
  process.on("unhandledRejection", fail);
  process.on("uncaughtException", fail);
  const { error } = await (await start(nodeWorld(), { spec, transport, memory }, say)).ended;
  if (error !== undefined) say(rootCause(error));
  process.exit(FAILED);
}

/** Writes one line: the parent process takes the last line of a process as the reason of its end. */
function sayAs(name: string, what: string): void {
  process.stderr.write(`${name}: ${oneLine(what)}\n`);
}

async function start(
  world: World,
  { spec, transport: link, memory }: Joined,
  say: (what: string) => void,
): Promise<ActorSystem> {
  const task = spec.task as NodeTask;
  const { run } = task;
  const named = await loadNamed(run.config);
  const program = programOf(run, named);
  const fabric = openNodeFabric(task, program, memory);
  const { name, incarnation } = spec;
  const transport = await openTransport(run.transport, { world, link });
  const options = { world, name, incarnation, transport, times: run.times };
  const warn = (message: string): void => say(`warning: ${message}`);
  switch (task.kind) {
    case "coordinator":
      return startCoordinator(
        options,
        { ...fabric, strategy: program },
        {
          workers: run.workers,
          triggers: triggersOf(run, program),
          faultRounds: faultRoundsOf(run, program),
          divergenceAdvice: divergenceAdvice(run.config),
          times: { gather: 500, remind: 1000, grace: 200, step: run.times.stepTimeout },
        },
      );
    case "worker":
      return startWorker(
        options,
        { ...fabric, strategy: replicasOf(run, named) },
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
  }
}
