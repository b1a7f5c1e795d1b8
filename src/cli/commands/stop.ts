/** `dawnpour stop`: asks the coordinator at a NATS server to stop its run. */
import { Command } from "commander";
import { Onlooker } from "../../distributed/machines/onlooker.js";
import { DawnpourError } from "../../error.js";
import type { World } from "../../world/world.js";
import { print } from "../display/output.js";

/** Milliseconds between two looks at the run. */
const PAUSE = 500;

export function stopCommand(world: World): Command {
  return new Command("stop")
    .description(
      "ask the run of `dawnpour coordinate` at a NATS server to stop with a checkpoint, and wait until it has",
    )
    .requiredOption("--join <url>", "address of the NATS server: nats://host:4222")
    .action(async ({ join }: { readonly join: string }) => {
      const onlooker = await Onlooker.open(join);
      try {
        await stop(world, onlooker, join);
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
