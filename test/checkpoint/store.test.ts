import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { tensorsSha256 } from "../../src/checkpoint/digest.js";
import { encodeManifest, type Manifest } from "../../src/checkpoint/manifest.js";
import type { StoredCheckpoint } from "../../src/checkpoint/read.js";
import { CheckpointStore } from "../../src/checkpoint/store.js";
import { DataError, DawnpourError, UsageError } from "../../src/error.js";
import { nodeWorld } from "../../src/world/node/world.js";
import { Random } from "../../src/world/random.js";
import { SimulatedWorld } from "../../src/world/simulated/world.js";
import { sample, saved } from "./sample.js";

const FOLDER = "/runs/a/checkpoints";

const open = (world: SimulatedWorld, keep = 3) => CheckpointStore.open(world, FOLDER, { keep });
const steps = async (store: CheckpointStore) => (await store.list()).map(({ step }) => step);

describe("checkpoint store", () => {
  let world: SimulatedWorld;
  let store: CheckpointStore;

  beforeEach(async () => {
    world = new SimulatedWorld();
    store = await open(world);
  });

  it("gives back what was saved, and a manifest that says what it is", async () => {
    await world.time.advance(1000);
    const path = await store.save(sample(12));
    expect(path).toBe(`${FOLDER}/step-0000000012`);
    expect(await world.disk.list(path)).toEqual(["manifest.json", "model.safetensors", "optimizer.safetensors"]);
    const latest = await store.loadLatest();
    expect(saved(latest)).toEqual(sample(12));
    expect(latest).toMatchObject({ path, skipped: [] });
    expect(latest?.manifest).toMatchObject({
      format: 2,
      createdAt: "2030-01-01T00:00:01.000Z",
      architecture: "3-2-3",
      parametersSha256: tensorsSha256(sample(12).parameters),
    });
  });

  it("has none at first", async () => {
    expect(await store.list()).toEqual([]);
    expect(await store.loadLatest()).toBeUndefined();
  });

  it("keeps the newest, and drops those of steps that were undone", async () => {
    for (const step of [10, 20, 30, 40]) {
      await store.save(sample(step));
    }
    expect(await steps(store)).toEqual([40, 30, 20]);
    await store.save(sample(25));
    expect(await steps(store)).toEqual([25, 20]);
    expect(saved(await store.loadLatest())).toEqual(sample(25));
  });

  it("replaces a checkpoint of the same step", async () => {
    await store.save(sample(10));
    await store.save(sample(10, 5));
    expect(await steps(store)).toEqual([10]);
    expect(saved(await store.loadLatest())).toEqual(sample(10, 5));
  });

  it("runs saves one after the other, whatever becomes of the one before", async () => {
    world.disk.failAfter(2, "ENOSPC");
    const results = await Promise.allSettled([1, 2, 3, 4, 5].map((step) => store.save(sample(step))));
    expect(results.map(({ status }) => status)).toEqual(["rejected", ...new Array(4).fill("fulfilled")]);
    expect(await steps(store)).toEqual([5, 4, 3]);
    expect(saved(await store.loadLatest())).toEqual(sample(5));
  });

  it("leaves alone what is not its own", async () => {
    await world.disk.write(`${FOLDER}/notes.txt`, []);
    await world.disk.makeFolder(`${FOLDER}/step-best`);
    for (const step of [1, 2, 3, 4]) {
      await store.save(sample(step));
    }
    expect(await world.disk.list(FOLDER)).toContain("notes.txt");
    expect(await steps(store)).toEqual([4, 3, 2]);
  });

  it("wants to keep at least one", async () => {
    await expect(open(world, 0)).rejects.toThrow(UsageError);
    await expect(open(world, 1.5)).rejects.toThrow("must be a whole number of at least 1, got 1.5");
  });

  it("says when its folder cannot be made", async () => {
    await world.disk.write("/runs/file", []);
    const opening = CheckpointStore.open(world, "/runs/file/checkpoints", { keep: 1 });
    await expect(opening).rejects.toThrow(
      new DawnpourError(
        'cannot make the folder "/runs/file/checkpoints": a part of the path is a file, not a folder; check the path',
      ),
    );
  });
});

/** A store with checkpoints 1 and 2, and the disk operations that saving `next` there takes. */
async function prepared(keep: number): Promise<{ world: SimulatedWorld; store: CheckpointStore }> {
  const world = new SimulatedWorld();
  const store = await open(world, keep);
  await store.save(sample(1));
  await store.save(sample(2));
  return { world, store };
}

async function stepsOfSave(keep: number, step: number): Promise<number> {
  const { world, store } = await prepared(keep);
  const before = world.disk.steps;
  await store.save(sample(step, 9));
  return world.disk.steps - before;
}

/** Hidden folders in the store. */
async function leftovers(world: SimulatedWorld): Promise<string[]> {
  return (await world.disk.list(FOLDER)).filter((name) => name.startsWith("."));
}

describe.each([
  { name: "a new checkpoint", step: 3, keep: 2 },
  { name: "a checkpoint of the same step", step: 2, keep: 2 },
  { name: "the only one kept", step: 3, keep: 1 },
])("saving $name", ({ step, keep }) => {
  it("survives a power cut at every step of the disk: the new one or the one before, whole", async () => {
    const total = await stepsOfSave(keep, step);
    expect(total).toBeGreaterThan(15);
    const found = new Set<string>();
    for (let cut = 0; cut <= total; cut++) {
      for (let seed = 0; seed < 12; seed++) {
        const { world, store } = await prepared(keep);
        world.disk.powerOffAfter(cut);
        const done = await store.save(sample(step, 9)).then(
          () => true,
          () => false,
        );
        expect(done).toBe(cut === total);
        world.disk.crash(new Random(seed, cut));
        const reopened = await open(world, keep);
        const latest = await reopened.loadLatest();
        expect(latest?.skipped).toEqual([]);
        const isNew = latest?.seeds.variant === 9;
        expect(saved(latest)).toEqual(isNew ? sample(step, 9) : sample(2));
        expect(isNew || !done).toBe(true);
        expect(await leftovers(world)).toEqual([]);
        found.add(isNew ? "new" : "before");
      }
    }
    expect(found).toEqual(new Set(["new", "before"]));
  });

  it("survives power cuts while it recovers from one", async () => {
    const total = await stepsOfSave(keep, step);
    for (let cut = 0; cut <= total; cut++) {
      for (let second = 0; second < 10; second++) {
        const { world, store } = await prepared(keep);
        world.disk.powerOffAfter(cut);
        await store.save(sample(step, 9)).catch(() => undefined);
        world.disk.crash(new Random(second, cut));
        world.disk.powerOffAfter(second);
        await open(world, keep).catch(() => undefined);
        world.disk.crash(new Random(cut, second));
        const latest = await (await open(world, keep)).loadLatest();
        expect(latest?.skipped).toEqual([]);
        expect([sample(2), sample(step, 9)]).toContainEqual(saved(latest));
        expect(await leftovers(world)).toEqual([]);
      }
    }
  });

  it("survives a power cut after a step that failed", async () => {
    const total = await stepsOfSave(keep, step);
    for (let fault = 0; fault < total; fault++) {
      for (let seed = 0; seed < 8; seed++) {
        const { world, store } = await prepared(keep);
        world.disk.failAfter(fault, "EIO");
        await expect(store.save(sample(step, 9))).rejects.toThrow("input/output error");
        world.disk.crash(new Random(seed, fault));
        const latest = await (await open(world, keep)).loadLatest();
        expect(latest?.skipped).toEqual([]);
        expect([sample(2), sample(step, 9)]).toContainEqual(saved(latest));
      }
    }
  });

  it("leaves nothing half-written when the disk is full, at whatever step, and goes on when it is not", async () => {
    const total = await stepsOfSave(keep, step);
    for (let fault = 0; fault < total; fault++) {
      const { world, store } = await prepared(keep);
      world.disk.failAfter(fault, "ENOSPC");
      const failure = await store.save(sample(step, 9)).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(DawnpourError);
      expect((failure as Error).message).toBe(
        `cannot write the checkpoint "${FOLDER}/step-000000000${step}": no space is left on the disk; free some or choose another folder`,
      );
      expect(await leftovers(world)).toEqual([]);
      const latest = await store.loadLatest();
      expect([sample(2), sample(step, 9)]).toContainEqual(saved(latest));
      await store.save(sample(4));
      expect(saved(await store.loadLatest())).toEqual(sample(4));
      expect((await store.list()).length).toBeLessThanOrEqual(keep);
    }
  });
});

describe("a damaged checkpoint", () => {
  const newest = `${FOLDER}/step-0000000002`;
  const files = ["manifest.json", "model.safetensors", "optimizer.safetensors"];
  let world: SimulatedWorld;
  let store: CheckpointStore;

  beforeEach(async () => {
    ({ world, store } = await prepared(2));
  });

  const expectFallback = async (complaint: RegExp) => {
    const latest = await store.loadLatest();
    expect(saved(latest)).toEqual(sample(1));
    expect(latest?.skipped).toEqual([expect.stringMatching(complaint)]);
  };

  it.each(files)("is passed over when %s is missing, and says so", async (file) => {
    await world.disk.remove(`${newest}/${file}`);
    await expectFallback(new RegExp(`^"${newest}/${file}" is missing: the checkpoint lacks its ${file}; [^\n]+$`));
  });

  it.each(files)("is passed over when %s is cut short, and says so", async (file) => {
    world.disk.truncate(`${newest}/${file}`, 100);
    await expectFallback(new RegExp(`^"${newest}/${file}" is damaged: [^\n]+$`));
  });

  it("names both digests", async () => {
    world.disk.flipBit(`${newest}/model.safetensors`, 1000);
    await expectFallback(/model.safetensors" is damaged: its SHA-256 should be [0-9a-f]{64}, found [0-9a-f]{64}; /);
  });

  it("is never taken for a sound one, whichever bit flips", async () => {
    const sizes = await Promise.all(files.map(async (file) => (await world.disk.read(`${newest}/${file}`)).length));
    const aBit = fc.nat(2).chain((file) => fc.tuple(fc.constant(files[file]), fc.nat(sizes[file] * 8 - 1)));
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(aBit, async ([file, bit]) => {
        world.disk.flipBit(`${newest}/${file}`, bit);
        const latest = await store.loadLatest();
        world.disk.flipBit(`${newest}/${file}`, bit);
        refused += latest?.step === 1 ? 1 : 0;
        // A flip in the white space of the manifest changes nothing.
        expect([sample(1), sample(2)]).toContainEqual(saved(latest));
      }),
      { numRuns: 400 },
    );
    expect(refused).toBeGreaterThan(200);
  });

  it("is an error when it is the only one", async () => {
    world.disk.truncate(`${newest}/model.safetensors`, 0);
    world.disk.truncate(`${FOLDER}/step-0000000001/model.safetensors`, 0);
    await expect(store.loadLatest()).rejects.toThrow(DataError);
    await expect(store.loadLatest()).rejects.toThrow(
      /^no checkpoint in "\/runs\/a\/checkpoints" can be read, 2 tried: [^\n]+found 0[^\n]+$/,
    );
  });

  it("is passed over if its parameters do not have the digest in its manifest", async () => {
    const { manifest } = (await store.loadLatest()) as StoredCheckpoint;
    const other = encodeManifest({ ...(manifest as Manifest), parametersSha256: "0".repeat(64) });
    await world.disk.write(`${newest}/manifest.json`, [other]);
    await expectFallback(/contradicts itself: the SHA-256 of its parameters should be 0{64}, found [0-9a-f]{64}; /);
  });

  it("may come from a later Dawnpour", async () => {
    const manifest = JSON.parse(new TextDecoder().decode(await world.disk.read(`${newest}/manifest.json`)));
    const later = JSON.stringify({ ...manifest, format: 3 });
    await world.disk.write(`${newest}/manifest.json`, [new TextEncoder().encode(later)]);
    await expectFallback(/is of format 3, this Dawnpour reads 2: update Dawnpour$/);
  });
});

describe("checkpoint store on the real disk", () => {
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "dawnpour-"));
  });

  afterEach(() => rm(root, { recursive: true, force: true }));

  it("saves, keeps, loads, replaces and recovers", async () => {
    const folder = join(root, "run", "checkpoints");
    const store = await CheckpointStore.open(nodeWorld(), folder, { keep: 2 });
    await Promise.all([1, 2, 3].map((step) => store.save(sample(step))));
    await store.save(sample(3, 1));
    expect(await steps(store)).toEqual([3, 2]);
    const disk = nodeWorld().disk;
    await disk.rename(join(folder, "step-0000000003"), join(folder, ".replaced-step-0000000003"));
    await disk.makeFolder(join(folder, ".partial-step-0000000004"));
    const reopened = await CheckpointStore.open(nodeWorld(), folder, { keep: 2 });
    expect(saved(await reopened.loadLatest())).toEqual(sample(3, 1));
    expect(await disk.list(folder)).toEqual(["step-0000000002", "step-0000000003"]);
  });

  it("finds a flipped bit", async () => {
    const store = await CheckpointStore.open(nodeWorld(), root, { keep: 2 });
    await store.save(sample(1));
    const path = join(await store.save(sample(2)), "optimizer.safetensors");
    const bytes = await readFile(path);
    bytes[bytes.length - 1] ^= 1;
    await writeFile(path, bytes);
    const latest = await store.loadLatest();
    expect(latest?.step).toBe(1);
    expect(latest?.skipped).toHaveLength(1);
  });

  it("says in one line why it cannot write", async () => {
    await writeFile(join(root, "file"), "");
    await expect(CheckpointStore.open(nodeWorld(), join(root, "file", "run"), { keep: 1 })).rejects.toThrow(
      /^cannot make the folder "[^\n]*": a part of the path is a file, not a folder; check the path$/,
    );
    const store = await CheckpointStore.open(nodeWorld(), join(root, "gone"), { keep: 1 });
    await rm(join(root, "gone"), { recursive: true });
    await writeFile(join(root, "gone"), "");
    await expect(store.save(sample(1))).rejects.toThrow(
      /^cannot write the checkpoint "[^\n]*": a part of the path[^\n]*$/,
    );
  });
});
