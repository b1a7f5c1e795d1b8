/** `dawnpour worker`: offers the devices of this machine to runs of `dawnpour coordinate`. */
import { hostname } from "node:os";
import { Command } from "commander";
import { offerMachine } from "../../distributed/machines/machine-life.js";
import { brief, UsageError } from "../../error.js";
import { placesOf } from "../../places.js";
import type { Access } from "../../transport/nats/connection.js";
import type { World } from "../../world/world.js";
import { accessOf } from "../access.js";
import { note } from "../display/output.js";
import { asCalled } from "../invocation.js";

interface WorkerOptions {
  readonly join?: string;
  readonly credentials?: string;
  readonly address: string;
  readonly name?: string;
  readonly devices?: string;
}

export function workerCommand(world: World): Command {
  return new Command("worker")
    .description("offer the devices of this machine to runs of dawnpour coordinate, until Ctrl-C")
    .option("--join <url>", "address of the NATS server: nats://host:4222 (default: that of --credentials)")
    .option("--credentials <file>", "the machine's file of dawnpour cluster init: keys, TLS, its name")
    .option("--address <host>", "address at which the other machines reach this one", "127.0.0.1")
    .option(
      "--name <name>",
      "name of this machine; no two have the same (default: that of --credentials, else one of its own)",
    )
    .option("--devices <list>", "as of dawnpour train (default: all hardware GPUs, else the CPU)")
    .addHelpText("after", asCalled(HELP))
    .action((options: WorkerOptions) => offer(world, options));
}

async function offer(world: World, options: WorkerOptions): Promise<void> {
  const { address: host, devices } = options;
  const access = await accessOf(world, options, "worker");
  const machine = nameOf(options, access);
  const config = { parts: 1, layers: undefined, arithmetic: "auto", strategy: undefined, compress: undefined } as const;
  const places = (await placesOf({ devices, workers: devices === undefined ? 1 : undefined }, config)) ?? [];
  const ending = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => ending.abort());
  const say = (line: string): void => note(`${machine}: ${line}`);
  say(`offers ${places.map(({ describe }) => describe).join("; ")} at ${access.url}`);
  await offerMachine({ world, ...access, host, machine, signal: ending.signal, say, places });
}

function nameOf({ name, credentials: file }: WorkerOptions, { credentials }: Access): string {
  if (!credentials)
    return (
      name ??
      `${hostname()
        .replace(/[^A-Za-z0-9_-]/g, "-")
        .slice(0, 40)}-${process.pid}`
    );
  if (name === undefined || name === credentials.name) return credentials.name;
  throw new UsageError(
    `--name ${brief(name)}, and --credentials ${file} is for the machine ${credentials.name}: leave --name out, or give its own file`,
  );
}

const HELP = `
It may start before the coordinator and before the NATS server, and waits for
them. After a run it waits for the next.`;
