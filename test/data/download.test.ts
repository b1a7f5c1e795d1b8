import { createHash } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { downloadDataset } from "../../src/data/published/download.js";
import type { PublishedDataset, PublishedFile } from "../../src/data/published/published-dataset.js";
import { DawnpourError } from "../../src/error.js";
import { SimulatedWorld } from "../../src/world/simulated/world.js";

const FOLDER = "/cache/tiny";
const contents = new Map<string, Uint8Array>();

function publish(name: string, length: number): PublishedFile {
  const bytes = Uint8Array.from({ length }, (_, i) => i * 7);
  contents.set(`${name}.gz`, bytes);
  return { name, bytes: length, sha256: createHash("sha256").update(bytes).digest("hex") };
}

const dataset: PublishedDataset = {
  name: "tiny",
  title: "Tiny",
  folders: ["tiny"],
  mirrors: ["https://first.example", "https://second.example"],
  trainImages: publish("a", 200_000),
  trainLabels: publish("b", 10),
  testImages: publish("c", 20),
  testLabels: publish("d", 5),
  testLabelsDigest: "",
};

let world: SimulatedWorld;

function serve(mirror: string, files: Iterable<[string, Uint8Array]> = contents): void {
  for (const [name, bytes] of files) {
    world.network.files.set(`${mirror}/${name}`, bytes);
  }
}

beforeEach(() => {
  world = new SimulatedWorld();
});

async function expectNothingHalfWritten(): Promise<void> {
  const names = (await world.disk.status(FOLDER)) ? await world.disk.list(FOLDER) : [];
  for (const name of names) {
    const found = await world.disk.read(`${FOLDER}/${name}`);
    expect(Buffer.compare(found, contents.get(name) ?? new Uint8Array(0)), name).toBe(0);
  }
}

describe("downloadDataset", () => {
  it("fetches all files, reports progress and says where they lie", async () => {
    serve("https://first.example");
    const seen: [number, number | undefined, string][] = [];
    const files = await downloadDataset(world, dataset, FOLDER, (...progress) => seen.push(progress));
    expect(files).toEqual({
      folder: FOLDER,
      trainImages: `${FOLDER}/a.gz`,
      trainLabels: `${FOLDER}/b.gz`,
      testImages: `${FOLDER}/c.gz`,
      testLabels: `${FOLDER}/d.gz`,
      genuine: true,
    });
    expect(await world.disk.list(FOLDER)).toEqual(["a.gz", "b.gz", "c.gz", "d.gz"]);
    await expectNothingHalfWritten();
    expect(seen.length).toBeGreaterThan(4);
    expect(seen.filter(([received, total]) => received === total).map(([, , file]) => file)).toEqual([
      ...contents.keys(),
    ]);
  });

  it("passes over a mirror that lacks a file or sends another", async () => {
    serve("https://first.example", [
      ["a.gz", new Uint8Array(200_000)],
      ["b.gz", new Uint8Array(11)],
      ["c.gz", new Uint8Array(3)],
    ]);
    serve("https://second.example");
    await downloadDataset(world, dataset, FOLDER);
    expect(await world.disk.list(FOLDER)).toEqual(["a.gz", "b.gz", "c.gz", "d.gz"]);
    await expectNothingHalfWritten();
  });

  it("goes on where an earlier attempt stopped", async () => {
    serve("https://first.example");
    world.network.breakAfter = 100_000;
    await expect(downloadDataset(world, dataset, FOLDER)).rejects.toThrow("the connection broke");
    await expectNothingHalfWritten();
    world.network.breakAfter = Number.POSITIVE_INFINITY;
    await downloadDataset(world, dataset, FOLDER);
    const fetched: string[] = [];
    await downloadDataset(world, dataset, FOLDER, (_received, _total, file) => fetched.push(file));
    expect(fetched).toEqual([]);
  });

  it("says what a mirror sent in place of the file", async () => {
    serve("https://first.example", [["a.gz", new Uint8Array(5)]]);
    await expect(downloadDataset(world, dataset, FOLDER)).rejects.toThrow(
      /^https:\/\/first\.example\/a\.gz: sent 5 bytes with SHA-256 \w{64}, expected 200000 bytes with \w{64}; 2 mirrors were tried$/,
    );
    serve("https://first.example", [["a.gz", new Uint8Array(300_000)]]);
    await expect(downloadDataset(world, dataset, FOLDER)).rejects.toThrow(
      "sent more than the 200000 bytes of the file",
    );
    await expectNothingHalfWritten();
  });

  it("leaves nothing half-written wherever the disk fails", async () => {
    serve("https://first.example");
    await downloadDataset(world, dataset, FOLDER);
    const steps = world.disk.steps;
    for (let step = 0; step < steps; step++) {
      world = new SimulatedWorld();
      serve("https://first.example");
      world.disk.failAfter(step, "ENOSPC");
      const failure = await downloadDataset(world, dataset, FOLDER).catch((error) => error);
      expect(failure).toBeInstanceOf(DawnpourError);
      expect(failure.message).toMatch(/^cannot [a-z ]+ "\/cache\/tiny.*": no space is left on the disk/);
      await expectNothingHalfWritten();
    }
  });
});
