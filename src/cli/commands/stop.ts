/** `dawnpour stop`: asks the coordinator at a NATS server to stop its run. */
import { Command } from "commander";
import { Onlooker } from "../../distributed/machines/onlooker.js";
import { DawnpourError } from "../../error.js";
import type { World } from "../../world/world.js";
import { type AccessOptions, accessOf } from "../access.js";
import { print } from "../display/output.js";

/** Milliseconds between two looks at the run. */
const PAUSE = 500;

export function stopCommand(world: World): Command {
  return new Command("stop")
    .description("ask the run of dawnpour coordinate at a NATS server to stop with a checkpoint, and wait until it has")
    .option("--join <url>", "address of the NATS server: nats://host:4222 (default: that of --credentials)")
    .option("--credentials <file>", "the coordinator's file of dawnpour cluster init: keys, TLS")
    .action(async (options: AccessOptions) => {
      const access = await accessOf(world, options, "coordinator");
      const onlooker = await Onlooker.open(access);
      try {
        await stop(world, onlooker, access.url);
      } finally {
        await onlooker.close();
      }
    });
}

async function stop({ timers }: World, onlooker: Onlooker, url: string): Promise<void> {
  const term = (await onlooker.look()).run?.term;
  if (term === undefined) throw new DawnpourError(`no run to stop at ${url}: see dawnpour status --join ${url}`);
  await onlooker.askToStop(term);
  print(`asked the run of term ${term} to stop`);
  while ((await onlooker.look()).run?.term === term) {
    await new Promise<void>((resolve) => {
      timers.after(PAUSE, resolve);
    });
  }
  print("it has stopped; its coordinator has printed the command that goes on");
}
