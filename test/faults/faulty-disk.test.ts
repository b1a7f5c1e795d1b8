/** The faulty disk fails as a full disk or a torn file does, and the checkpoint store survives it. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readLatest } from "../../src/checkpoint/read.js";
import { CheckpointStore } from "../../src/checkpoint/store.js";
import { FaultyDisk } from "../../src/faults/faulty-disk.js";
import { NodeDisk } from "../../src/world/node/disk.js";
import { SimulatedWorld } from "../../src/world/simulated/world.js";
import type { Disk, World } from "../../src/world/world.js";
import { sample } from "../checkpoint/sample.js";

async function start<Inner extends Disk>(inner: Inner, folder = "/run/checkpoints") {
  const disk = new FaultyDisk(inner);
  const world: World = { ...simulated(), disk };
  return { world, disk, inner, store: await CheckpointStore.open(world, folder, { keep: 3 }) };
}

function simulated(): World {
  const { clock, timers, scheduler, network, disk, secrets } = new SimulatedWorld();
  return { clock, timers, scheduler, network, disk, secrets };
}

const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i);

describe("FaultyDisk", () => {
  it("does what the disk behind it does, as long as no fault is asked for", async () => {
    const { disk, inner } = await start(simulated().disk);
    await disk.makeFolder("/a");
    await disk.write("/a/b", [bytes(3), bytes(2)]);
    await disk.append("/a/log", "one");
    await disk.rename("/a/b", "/a/c");
    await disk.syncFolder("/a");
    expect(await disk.list("/a")).toEqual(["c", "log"]);
    expect(await disk.status("/a/c")).toEqual({ kind: "file", size: 5 });
    expect(await disk.read("/a/c")).toEqual(Uint8Array.of(0, 1, 2, 0, 1));
    await disk.remove("/a/c");
    expect(await inner.list("/a")).toEqual(["log"]);
  });

  it("fails one write for each time it was asked to, half done; appends go on", async () => {
    const { disk } = await start(simulated().disk);
    disk.failNextWrite();
    disk.failNextWrite();
    await disk.append("/log", "still written");
    await expect(disk.write("/a", [bytes(8), bytes(8)])).rejects.toMatchObject({ code: "ENOSPC", path: "/a" });
    expect(await disk.read("/a")).toEqual(bytes(4));
    await expect(disk.write("/a", [bytes(8)])).rejects.toThrow("ENOSPC");
    await disk.write("/a", [bytes(8)]);
    expect(await disk.read("/a")).toEqual(bytes(8));
  });

  it("makes the store of checkpoints fail once, with nothing left behind", async () => {
    const { world, disk, store } = await start(simulated().disk);
    await store.save(sample(1));
    disk.failNextWrite();
    await expect(store.save(sample(2))).rejects.toThrow("no space is left on the disk");
    expect((await readLatest(world, store.folder))?.step).toBe(1);
    expect(await disk.list(store.folder)).toHaveLength(1);
    await store.save(sample(3));
    expect((await readLatest(world, store.folder))?.step).toBe(3);
  });

  it("does so on the disk of this machine", async () => {
    const folder = await mkdtemp(join(tmpdir(), "dawnpour-faulty-"));
    try {
      const { world, disk, store } = await start(new NodeDisk(), folder);
      await store.save(sample(1));
      disk.failNextWrite();
      await expect(store.save(sample(2))).rejects.toThrow("no space is left on the disk");
      await disk.tear(await store.save(sample(3)));
      expect((await readLatest(world, folder))?.step).toBe(1);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("tears a checkpoint so that the one before it is taken", async () => {
    const { world, disk, store } = await start(simulated().disk);
    await store.save(sample(1));
    await disk.tear(await store.save(sample(2)));
    const latest = await readLatest(world, store.folder);
    expect(latest?.step).toBe(1);
    expect(latest?.skipped).toEqual([expect.stringContaining("is damaged")]);
  });

  it("tears nothing in an empty folder, or one that is gone", async () => {
    const { disk } = await start(simulated().disk);
    await disk.makeFolder("/empty");
    await disk.tear("/empty");
    await disk.tear("/gone");
    expect(await disk.list("/empty")).toEqual([]);
  });
});
