/** The options of `dawnpour train` about workers: how many, how they exchange, what fails, how long they wait. */

import { type Command, InvalidArgumentError } from "commander";
import { COMPRESSORS, mainOption } from "../collective/compress/compressors.js";
import { brief, messageOf } from "../error.js";
import { parseWorkers, type WorkerCount } from "../placement/worker-count.js";
import { STRATEGIES } from "../strategies/registry.js";
import { DURATION_FORM, parseDuration } from "../world/duration.js";
import { parseChoice, parseShortChoice } from "./choice-option.js";
import { whole } from "./options.js";

/** @param parts the default of `--parts` in words */
export function addWorkerOptions(command: Command, parts: string): void {
  command
    .optionsGroup("Workers (their number and their failures do not change the result):")
    .option(
      "--workers <n>",
      "number of workers, on the devices that are named, else on all hardware GPUs, else on the CPU; with 2..8 the run begins with 2, workers join and leave (--faults), and it waits while it has fewer than 2",
      workerCount,
    )
    .option(
      "--devices <list>",
      "devices of the workers, each with an optional *N: cpu, cpu:THREADS, gpu, names or UUIDs (see `dawnpour devices`)",
    )
    .option(
      "--strategy <name>",
      `how the parts become one model: ${STRATEGIES.join(", ")}, or a module, ./mine.js, each with :key=value,... (default: synchronous)`,
      parseChoice,
    )
    .option(
      "--compress <name>",
      `how the contributions of parts are encoded when they are sent: ${COMPRESSORS.join(", ")}, or a module, ./mine.js, each with :key=value,... (default: none, as they are)`,
      (text) => parseShortChoice(text, mainOption),
    )
    .option(
      "--reduce <how>",
      "where contributions are added: star, at the coordinator; or servers:2, parameter servers that each own a piece of the parameters and of the optimizer's state (default: star; downpour, stale and easgd:async=true: servers:1)",
    )
    .option("--servers <n>", "the same as --reduce servers:N", whole)
    .option("--pipeline", "divide the model among the devices: encoder, bottleneck, decoder; parts are micro-batches")
    .option(
      "--shards, --parts <n>",
      `number of parts of every batch, which the workers share (default: ${parts})`,
      whole,
    )
    .option(
      "--faults <list>",
      'faults to inject, as a list or a file: "kill worker-1 at step 200; lose device-0 at 30s"',
    )
    .option("--chaos <how>", "random faults, from the seed: mtbf=30s[,kinds=kill+hang+...][,hang=2s]")
    .option(
      "--link <how>",
      "delay messages and vectors as such a link of each machine would: 1Gbps,1ms (bits a second, latency one way)",
    )
    .option("--heartbeat <time>", "time between two heartbeats of a worker (default: 400ms)", time)
    .option("--timeout <time>", "time without a heartbeat after which a worker is restarted (default: 1.5s)", time)
    .option("--step-timeout <time>", "time for one part after which a worker is restarted (default: 1m)", time)
    .option("--restart-pause <time>", "longest pause before a restart (default: 3s)", time)
    .option("--patience <time>", "time that a worker waits for a lost coordinator (default: 20s)", time);
}

function workerCount(text: string): WorkerCount {
  try {
    return parseWorkers(text);
  } catch (error) {
    throw new InvalidArgumentError(`${messageOf(error)}.`);
  }
}

/** Milliseconds. */
function time(text: string): number {
  const milliseconds = parseDuration(text);
  if (milliseconds === undefined) throw new InvalidArgumentError(`${brief(text)}: ${DURATION_FORM}.`);
  return milliseconds;
}
