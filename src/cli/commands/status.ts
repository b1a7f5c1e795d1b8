/** `dawnpour status`: the run at a NATS server, its workers, and the machines that offer devices. */
import { Command } from "commander";
import { Onlooker, type Overview } from "../../distributed/machines/onlooker.js";
import type { World } from "../../world/world.js";
import { type AccessOptions, accessOf } from "../access.js";
import { print, printJson } from "../display/output.js";

export function statusCommand(world: World): Command {
  return new Command("status")
    .description(
      "show the run of dawnpour coordinate at a NATS server, its workers, and the machines of dawnpour worker",
    )
    .option("--join <url>", "address of the NATS server: nats://host:4222 (default: that of --credentials)")
    .option("--credentials <file>", "the coordinator's file of dawnpour cluster init: keys, TLS")
    .option("--json", "print one JSON line")
    .action(async ({ json, ...options }: AccessOptions & { readonly json?: boolean }) => {
      const onlooker = await Onlooker.open(await accessOf(world, options, "coordinator"));
      try {
        const overview = await onlooker.look();
        if (json) printJson(overview);
        else for (const line of linesOf(overview)) print(line);
      } finally {
        await onlooker.close();
      }
    });
}

function linesOf({ run, machines }: Overview): string[] {
  const { progress } = run ?? {};
  return [
    row("run", run ? `term ${run.term}, ${run.hasBegun ? pace(run) : "waits for workers"}` : "none"),
    ...(progress?.workers ?? []).map(({ name, state, machine }) =>
      row("worker", name, state, machine === undefined ? "no machine yet" : `on ${machine}`),
    ),
    ...machines.map(({ name, devices }) => row("machine", name, devices.join("; "))),
    ...(machines.length === 0 ? [row("machine", "none: start dawnpour worker on those with devices")] : []),
  ];
}

function pace({ progress }: NonNullable<Overview["run"]>): string {
  if (!progress) return "begins";
  const { step, steps, epoch, imagesPerSecond, restarts } = progress;
  const speed = imagesPerSecond === undefined ? "" : `, ${Math.round(imagesPerSecond)} images/s`;
  return `step ${step} of ${steps}, epoch ${epoch.toFixed(1)}${speed}, ${restarts} restarts`;
}

const row = (...cells: readonly string[]): string =>
  cells.map((cell, i) => (i === cells.length - 1 ? cell : cell.padEnd(i === 0 ? 8 : 11))).join(" ");
