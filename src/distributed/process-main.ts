/** What the process of a node runs: it finds out which node it is, and is that until it ends or its parent does. */
import { openDevice } from "../device/open.js";
import { joinParent } from "../transport/process-child.js";
import { nodeWorld } from "../world/node-world.js";
import { startCoordinator, startWorker } from "./programs.js";
import { rootCause } from "./root-cause.js";
import { openShared } from "./shared-dataset.js";
import { DATASET_MEMORY, milestonesOf, type NodeTask, openInherited, openParts } from "./task.js";

const FAILED = 1;

const { spec, transport, memory } = await joinParent();
const world = nodeWorld();
const task = spec.task as NodeTask;
const { run } = task;
const parts = openParts(run, memory);
const { name, session } = spec;
const place = { world, name, session, transport, times: run.times };

const system =
  task.kind === "coordinator"
    ? startCoordinator(place, parts, {
        workers: run.workers,
        milestones: milestonesOf(run, parts.strategy),
        times: { gather: 500, remind: 1000, grace: 200, step: run.times.stepTimeout },
      })
    : startWorker(place, parts, {
        index: task.index,
        dataset: openShared(run.dataset, openInherited(memory[DATASET_MEMORY])),
        patience: run.times.patience,
        openDevice: () => openDevice(task.open),
      });

const { error } = await system.ended;
if (error !== undefined) process.stderr.write(`${name}: ${rootCause(error)}\n`);
process.exit(FAILED);
