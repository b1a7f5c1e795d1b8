/** The package's entry points, as package.json names them, can be loaded and export what the documentation lists. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const SOME: Readonly<Record<string, readonly string[]>> = {
  ".": ["train", "run", "openDevice", "Trainer", "fit", "layers", "losses", "optimizers", "schedules"],
  "./actors": ["ActorSystem", "Node", "MemoryNetwork", "ProcessHost", "joinParent", "createSharedMemory"],
  "./distributed": ["runDistributed", "placeWorkers", "parseDevices", "listGpus", "parseFaults", "strategies"],
  "./kernels": ["ProgramBuilder", "openDevice", "physicalDevices"],
  "./webgpu": [
    "openDevice",
    "ProgramBuilder",
    "Autoencoder",
    "Trainer",
    "data",
    "encodeSafetensors",
    "fit",
    "layers",
    "losses",
  ],
};

const { exports: entries } = JSON.parse(readFileSync("package.json", "utf8")) as { exports: Record<string, unknown> };

describe("entry points", () => {
  it.each(Object.entries(SOME))("%s", async (entry, names) => {
    const module: object = await import(`dawnpour${entry.slice(1)}`);
    expect(Object.keys(module)).toEqual(expect.arrayContaining([...names]));
  });

  it("are all tried here", () => {
    const modules = Object.keys(entries).filter((entry) => typeof entries[entry] === "object");
    expect(modules).toEqual(Object.keys(SOME));
  });
});
