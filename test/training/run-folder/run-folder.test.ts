/** A folder has one run, which only one process at a time may write. A folder that is no run is not touched. */
import { describe, expect, it } from "vitest";
import { UsageError } from "../../../src/error.js";
import { RunFolder } from "../../../src/training/run-folder/run-folder.js";
import { SimulatedWorld } from "../../../src/world/simulated/world.js";
import { putFiles } from "../../data/files.js";

const BYTE = Uint8Array.of(1);

describe("a run is not begun", () => {
  it.each([
    [
      "a report of something else",
      "/out",
      { "report.html": BYTE },
      "/out holds other files than a run (report.html): give a new",
    ],
    [
      "checkpoints of something else",
      "/out/checkpoints",
      { "mine.txt": BYTE },
      "/out holds other files than a run (checkpoints/mine.txt)",
    ],
    ["a run", "/out", { "config.json": BYTE }, "/out already holds a run: add --resume"],
  ])("where there is %s", async (_, folder, files, message) => {
    const world = new SimulatedWorld();
    await putFiles(world.disk, folder, files);
    const before = await world.disk.list("/out");
    for (const attempt of [1, 2]) {
      await expect(RunFolder.begin(world, "/out"), String(attempt)).rejects.toThrow(UsageError);
      await expect(RunFolder.begin(world, "/out")).rejects.toThrow(message);
    }
    expect(await world.disk.list("/out")).toEqual(before);
  });

  it("where another one is being written; nor is it resumed", async () => {
    const world = new SimulatedWorld();
    const first = await RunFolder.begin(world, "/out");
    for (const second of [() => RunFolder.begin(world, "/out"), () => RunFolder.resume(world, "/out", 0)]) {
      await expect(second()).rejects.toThrow(UsageError);
      await expect(second()).rejects.toThrow("/out is being written by another run");
    }
    await first.close();
    await (await RunFolder.resume(world, "/out", 0)).close();
  });
});

it("an empty folder is accepted, also with hidden files in it, and one of a run that never began", async () => {
  const world = new SimulatedWorld();
  await putFiles(world.disk, "/out", { ".gitkeep": BYTE });
  await (await RunFolder.begin(world, "/out")).close();
  await (await RunFolder.begin(world, "/out")).close();
});
