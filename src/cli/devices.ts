/** `dawnpour devices`: what there is to run on, and what `auto` would take. */
import { Command } from "commander";
import { listDevices } from "../device/open.js";
import type { World } from "../world/world.js";
import { print } from "./output.js";

export function devicesCommand(_world: World): Command {
  return new Command("devices")
    .description("list every WebGPU adapter and the CPU, with limits and features, and which one auto takes")
    .option("--json", "one JSON line")
    .action(async ({ json }: { json?: boolean }) => {
      const devices = await listDevices();
      if (json) {
        print(JSON.stringify({ devices }));
        return;
      }
      for (const { auto, ...info } of devices) {
        print(`${info.kind.padEnd(6)} ${info.name}${auto ? "   <- auto" : ""}`);
        print(`       driver    ${info.driver}${info.software ? " (runs on the CPU)" : ""}`);
        print(`       id        ${info.id}`);
        const limits = Object.entries(info.limits).map(([name, value]) => `${name} ${value}`);
        print(`       limits    ${limits.join(", ")}`);
        print(`       features  ${info.features.join(", ") || "none"}`);
      }
    });
}
