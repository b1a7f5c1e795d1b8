/** What the process of a node runs: it finds out which node it is, and is that until it ends or its parent does. */
import type { ActorSystem } from "../actor/system.js";
import { divergenceAdvice } from "../training/advice.js";
import { joinParent } from "../transport/process-child.js";
import { nodeWorld } from "../world/node-world.js";
import { openNodeDevice } from "./node-device.js";
import { startCoordinator, startHead, startStage, startWorker } from "./programs.js";
import { rootCause } from "./root-cause.js";
import { openShared } from "./shared-dataset.js";
import {
  DATASET_MEMORY,
  faultRoundsOf,
  milestonesOf,
  type NodeTask,
  openInherited,
  openParts,
  openPipelineParts,
} from "./task.js";

const FAILED = 1;

const { spec, transport, memory } = await joinParent();
const world = nodeWorld();
const task = spec.task as NodeTask;
const { run } = task;
const parts = openParts(task, memory);
const { name, session } = spec;
const place = { world, name, session, transport, times: run.times };

/** In one line: what it says last is what its parent gives as the reason of its end. */
const say = (what: string): void => {
  process.stderr.write(`${name}: ${what.replace(/\s*[\r\n]\s*/g, " ")}\n`);
};
const warn = (message: string): void => say(`warning: ${message}`);

function start(): ActorSystem {
  switch (task.kind) {
    case "coordinator":
      return startCoordinator(place, parts, {
        workers: run.workers,
        milestones: milestonesOf(run, parts.strategy),
        faultRounds: faultRoundsOf(run, parts.strategy),
        divergenceAdvice: divergenceAdvice(run.config),
        times: { gather: 500, remind: 1000, grace: 200, step: run.times.stepTimeout },
      });
    case "worker":
      return startWorker(place, parts, {
        index: task.index,
        dataset: openShared(run.dataset, openInherited(memory[DATASET_MEMORY])),
        patience: run.times.patience,
        openDevice: () => openNodeDevice(world, task, warn),
      });
    case "head":
      return startHead(place, parts, openPipelineParts(run, parts.arena, memory), run.times);
    case "stage":
      return startStage(place, parts, openPipelineParts(run, parts.arena, memory), {
        index: task.index,
        openDevice: () => openNodeDevice(world, task, warn),
      });
  }
}

const { error } = await start().ended;
if (error !== undefined) say(rootCause(error));
process.exit(FAILED);
