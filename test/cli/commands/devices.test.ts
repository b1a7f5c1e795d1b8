/** `dawnpour devices` lists the devices of the machine, for people and as JSON. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { PhysicalDevice } from "../../../src/device/physical.js";
import { nativeCorePath } from "../../../src/native-core.js";
import { NATIVE_SOURCES } from "../../../src/native-sources.js";
import { Workplace } from "../dawnpour.js";

const place = new Workplace();

interface Listing {
  readonly devices: readonly { readonly kind: string; readonly name: string }[];
}

describe("dawnpour devices", () => {
  it("lists, for programs, each physical device with its UUID and memory, and the adapter that it is", async () => {
    const { code, stdout } = await place.run("devices", "--json");
    expect(code).toBe(0);
    const { devices, physical } = JSON.parse(stdout) as {
      devices: { kind: string; name: string }[];
      physical: (PhysicalDevice & { adapter?: string })[];
    };
    const adapters = devices.filter(({ kind }) => kind === "webgpu").map(({ name }) => name);
    if (process.platform === "linux") expect(physical.length).toBeGreaterThanOrEqual(adapters.length);
    for (const { uuid, id, memoryBytes, name, adapter } of physical) {
      expect(uuid).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      expect(id.startsWith(uuid)).toBe(true);
      expect(memoryBytes).toBeGreaterThan(0);
      const twins = physical.filter((other) => other.name === name).length > 1;
      if (!twins && adapters.includes(name)) expect(adapter).toBe(name);
    }
  });

  it("lists them for people, too", async () => {
    const { stdout } = await place.run("devices");
    const { physical } = JSON.parse((await place.run("devices", "--json")).stdout) as { physical: PhysicalDevice[] };
    for (const { id, name } of physical) {
      expect(stdout).toContain(`physical ${name}\n`);
      expect(stdout).toMatch(new RegExp(`uuid +${id}\n +memory +[\\d.]+ [KMG]iB\n`));
    }
  });

  it("lists the GPUs where the native core is missing, and says how to get it", async () => {
    const withCore = JSON.parse((await place.run("devices", "--json")).stdout) as Listing;
    const gpus = withCore.devices.filter(({ kind }) => kind === "webgpu");
    process.env.DAWNPOUR_PREBUILD = place.folder;
    try {
      const { code, stdout } = await place.run("devices");
      expect(code).toBe(0);
      for (const { name } of gpus) expect(stdout).toContain(`webgpu   ${name}`);
      expect(stdout).toMatch(/^cpu {6}none: the native core cannot be loaded \(.*\): run "npm rebuild dawnpour"/m);
      const { devices } = JSON.parse((await place.run("devices", "--json")).stdout) as Listing;
      expect(devices.map(({ name }) => name)).toEqual(gpus.map(({ name }) => name));
    } finally {
      delete process.env.DAWNPOUR_PREBUILD;
    }
  });

  it("lists the GPUs where the native core was built from other sources, and a CPU device is refused", async () => {
    const withCore = JSON.parse((await place.run("devices", "--json")).stdout) as Listing;
    const gpus = withCore.devices.filter(({ kind }) => kind === "webgpu");
    const folder = place.path("old", "build", "Release");
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "dawnpour.node"), olderCore(await readFile(nativeCorePath())));
    process.env.DAWNPOUR_PREBUILD = place.path("old");
    try {
      const { code, stdout } = await place.run("devices");
      expect(code).toBe(0);
      for (const { name } of gpus) expect(stdout).toContain(`webgpu   ${name}`);
      expect(stdout).toMatch(/^cpu {6}none: the native core .* was built from other sources .*: run "npm run build:/m);
      const trained = await place.run("train", "--dataset", "digits:50", "--device", "cpu", "--out", "never");
      expect([trained.code, trained.stderr]).toEqual([1, expect.stringMatching(/run "npm run build:native"\n$/)]);
      expect(await place.contents()).not.toContain("never");
    } finally {
      delete process.env.DAWNPOUR_PREBUILD;
    }
  });
});

/** The same core with the digest of other sources. */
function olderCore(core: Buffer): Buffer {
  const at = core.indexOf(NATIVE_SOURCES);
  expect(at).toBeGreaterThan(0);
  core.write("0".repeat(NATIVE_SOURCES.length), at, "latin1");
  return core;
}
