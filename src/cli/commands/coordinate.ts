/** `dawnpour coordinate`: as `dawnpour train`, with workers on other machines, which `dawnpour worker` offers. */
import { Command } from "commander";
import { Leadership } from "../../distributed/machines/leadership.js";
import { brief, UsageError } from "../../error.js";
import type { World } from "../../world/world.js";
import { accessOf } from "../access.js";
import { note } from "../display/output.js";
import { Interruption } from "../interruption.js";
import { asCalled } from "../invocation.js";
import { refuseTwoValues } from "../options.js";
import { addTrainOptions, type TrainCommandOptions } from "../train-options.js";
import { oneDataset, runTrain } from "./train.js";

interface CoordinateOptions extends TrainCommandOptions {
  readonly join?: string;
  readonly credentials?: string;
  readonly address: string;
}

/** Options about devices of this machine: the workers bring theirs. */
const OF_WORKERS = ["devices", "device", "adapter", "threads", "pipeline", "servers", "link"] as const;

export function coordinateCommand(world: World): Command {
  const command = new Command("coordinate")
    .description("train with workers on other machines, which dawnpour worker offers")
    .argument("[dataset]", "as --dataset")
    .option("--join <url>", "address of the NATS server: nats://host:4222 (default: that of --credentials)")
    .option("--credentials <file>", "the coordinator's file of dawnpour cluster init: keys, TLS")
    .option("--address <host>", "address at which the other machines reach this one", "127.0.0.1")
    .addHelpText("after", asCalled(HELP));
  return refuseTwoValues(addTrainOptions(command)).action((dataset: string | undefined, options: CoordinateOptions) =>
    coordinate(world, { ...options, dataset: oneDataset(dataset, options) }, command),
  );
}

async function coordinate(world: World, options: CoordinateOptions, command: Command): Promise<void> {
  const { workers, address: host } = options;
  const extra = OF_WORKERS.find((name) => command.getOptionValueSource(name) === "cli");
  if (extra) {
    throw new UsageError(`--${extra} is not for dawnpour coordinate: the workers of other machines have the devices`);
  }
  if (typeof workers !== "number" || workers < 1) {
    throw new UsageError(
      `dawnpour coordinate waits for a number of workers: give --workers 3${workers === undefined ? "" : `, not ${brief(workers)}`}`,
    );
  }
  const access = await accessOf(world, options, "coordinator");
  const leadership = await Leadership.open({
    ...{ world, ...access, host },
    say: (line) => note(`machines: ${line}`),
    // As a service manager would: with a checkpoint, and the exit code of a run that was stopped.
    stop: () => process.kill(process.pid, "SIGTERM"),
    lost: (error) => {
      note(`dawnpour: ${error.message}`);
      process.exit(1);
    },
  });
  try {
    const places = await untilSignal((signal) => leadership.places(workers, signal));
    if (!places) return;
    await runTrain(world, { ...options, workers: undefined }, command, { leadership, places });
  } finally {
    await leadership.close();
  }
}

/** A signal ends the waiting, so that the lease is given back. */
async function untilSignal<T>(wait: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const interruption = new Interruption({ line: note, close: () => undefined });
  interruption.message = "it does not wait for workers any more";
  interruption.listen();
  try {
    return await wait(interruption.signal);
  } finally {
    interruption.close();
  }
}

const HELP = `
The options are those of dawnpour train. Each worker is a device of a machine
on which dawnpour worker runs. The run begins when --workers devices are there;
with the same --parts its parameters have the bits of a run on one machine.

  nats-server -js
  dawnpour worker --join nats://localhost:4222 --devices cpu:1*2
  dawnpour coordinate mnist --join nats://localhost:4222 --workers 2

Without --credentials anything that reaches the server can take part in a run:
only in a network that you trust (docs/security.md).`;
