/** `dawnpour devices`: the devices of this machine, and the one that `auto` takes. */
import { Command } from "commander";
import { whyNoCpu } from "../../device/cpu/addon.js";
import { whyNoDawn } from "../../device/dawn.js";
import type { DeviceInfo } from "../../device/device.js";
import { driverOutput } from "../../device/driver-output.js";
import { whyNoAdapter } from "../../device/no-adapter.js";
import { listDevices } from "../../device/open.js";
import { adapterOf, type PhysicalDevice, physicalDevices } from "../../device/physical.js";
import { USED_FEATURES } from "../../device/webgpu/adapter.js";
import type { World } from "../../world/world.js";
import { note, print, printJson } from "../display/output.js";

/** The limits that matter for training, in words; an adapter has dozens more. */
const LIMITS: Readonly<Record<string, (value: number) => string>> = {
  threads: (count) => `${count} threads`,
  memoryBytes: (size) => `${bytes(size)} of memory`,
  maxBufferSize: (size) => `buffers of ${bytes(size)}`,
  maxStorageBufferBindingSize: (size) => `bindings of ${bytes(size)}`,
  maxComputeInvocationsPerWorkgroup: (count) => `workgroups of ${count}`,
  maxComputeWorkgroupStorageSize: (size) => `${bytes(size)} of workgroup memory`,
};

export function devicesCommand(_world: World): Command {
  return new Command("devices")
    .description("list the devices (WebGPU adapters and the CPU), the one that auto takes, and the physical devices")
    .option("--json", "print one JSON line, with every limit and feature")
    .action(async ({ json }: { json?: boolean }) => {
      const devices = await listDevices();
      const physical = await physicalWithAdapters(devices);
      const warnings = driverOutput();
      if (warnings !== "") note(`${warnings}\n`);
      if (json) {
        printJson({ devices, physical });
        return;
      }
      for (const { auto, ...info } of devices) {
        printDevice(info.kind, `${info.name}${auto ? "   <- auto" : ""}`, describe(info));
      }
      for (const device of physical) printDevice("physical", device.name, describePhysical(device));
      if (devices.every(({ kind }) => kind !== "webgpu")) {
        print(`webgpu   none found: ${(await whyNoDawn()) ?? whyNoAdapter(process.platform, process.env)}`);
      }
      const noCpu = whyNoCpu();
      if (noCpu !== undefined) print(`cpu      none: ${noCpu}`);
    });
}

function describe({ kind, driver, software, arithmetic, limits, features }: DeviceInfo): Record<string, string> {
  const shownLimits = Object.entries(LIMITS).flatMap(([name, words]) => (name in limits ? words(limits[name]) : []));
  const shownFeatures = kind === "webgpu" ? USED_FEATURES.filter((name) => features.includes(name)) : features;
  return {
    ...(kind === "webgpu" && { driver: `${driver}${software ? " (software: it runs on the CPU)" : ""}` }),
    ...(arithmetic && { arithmetic: `f32 by ${arithmetic.f32}, bf16 by ${arithmetic.bf16}` }),
    limits: shownLimits.join(", "),
    features: shownFeatures.join(", ") || "none",
  };
}

interface Attached extends PhysicalDevice {
  readonly adapter?: string;
}

async function physicalWithAdapters(devices: readonly DeviceInfo[]): Promise<Attached[]> {
  const adapters = devices.filter(({ kind }) => kind === "webgpu").map(({ name }) => name);
  const physical = await physicalDevices();
  return physical.map((device) => ({ ...device, adapter: adapterOf(device, physical, adapters) }));
}

function describePhysical({ id, kind, driver, memoryBytes, adapter }: Attached): Record<string, string> {
  return {
    uuid: id,
    memory: bytes(memoryBytes),
    driver: `${driver}${kind === "cpu" ? " (software: it runs on the CPU)" : ""}`,
    ...(adapter !== undefined && { adapter }),
  };
}

function printDevice(kind: string, name: string, lines: Readonly<Record<string, string>>): void {
  print(`${kind.padEnd(8)} ${name}`);
  for (const [line, words] of Object.entries(lines)) print(`         ${line.padEnd(9)} ${words}`);
}

/** `1.5 GiB` */
function bytes(size: number): string {
  const unit = [2 ** 30, 2 ** 20, 2 ** 10].findIndex((each) => size >= each);
  const name = ["GiB", "MiB", "KiB"][unit];
  return name ? `${Number((size / 2 ** (30 - 10 * unit)).toFixed(1))} ${name}` : `${size} bytes`;
}
