import { beforeEach, describe, expect, it } from "vitest";
import { openCheckpoint } from "../../src/checkpoint/open.js";
import { writeSafetensors } from "../../src/checkpoint/safetensors-file.js";
import { CheckpointStore } from "../../src/checkpoint/store.js";
import { DataError } from "../../src/error.js";
import { SimulatedWorld } from "../../src/world/simulated/world.js";
import { sample, saved } from "./sample.js";

const RUN = "/runs/mnist";
const FOLDER = `${RUN}/checkpoints`;
const WANTED = "give a run's folder, a checkpoint's folder, or the model.safetensors in one";

describe("opening a checkpoint", () => {
  let world: SimulatedWorld;

  beforeEach(async () => {
    world = new SimulatedWorld();
    const store = await CheckpointStore.open(world, FOLDER, { keep: 2 });
    await store.save(sample(1));
    await store.save(sample(2));
    await world.disk.write(`${RUN}/config.json`, []);
  });

  it.each([
    [RUN, 2],
    [`${RUN}/`, 2],
    [FOLDER, 2],
    [`${FOLDER}/step-0000000002`, 2],
    [`${FOLDER}/step-0000000001`, 1],
    [`${FOLDER}/step-0000000001/model.safetensors`, 1],
    [`${FOLDER}/step-0000000001/optimizer.safetensors`, 1],
    [`${FOLDER}/step-0000000001/manifest.json`, 1],
  ])("takes %s", async (path, step) => {
    expect(saved(await openCheckpoint(world, path))).toEqual(sample(step));
  });

  it("takes a checkpoint that was copied elsewhere", async () => {
    await world.disk.rename(`${FOLDER}/step-0000000001`, "/best");
    expect((await openCheckpoint(world, "/best")).step).toBe(1);
  });

  it("tells what was behind an error", async () => {
    await world.disk.remove(`${FOLDER}/step-0000000001/model.safetensors`);
    const error = await openCheckpoint(world, `${FOLDER}/step-0000000001`).catch((error: unknown) => error);
    expect((error as Error).cause).toMatchObject({ code: "ENOENT" });
    world.disk.flipBit(`${FOLDER}/step-0000000002/model.safetensors`, 999);
    const none = await openCheckpoint(world, RUN).catch((error: unknown) => error);
    expect((none as Error).cause).toMatchObject({ message: expect.stringContaining("step-0000000002") });
  });

  it("passes over a damaged one where the newest was asked for, but not where it was named", async () => {
    const damaged = `${FOLDER}/step-0000000002/model.safetensors`;
    world.disk.flipBit(damaged, 999);
    const opened = await openCheckpoint(world, RUN);
    expect(opened.step).toBe(1);
    expect(opened.skipped).toEqual([expect.stringContaining(damaged)]);
    await expect(openCheckpoint(world, damaged)).rejects.toThrow(`"${damaged}" is damaged`);
    await world.disk.remove(`${FOLDER}/step-0000000002/manifest.json`);
    await expect(openCheckpoint(world, `${FOLDER}/step-0000000002`)).rejects.toThrow(
      "the checkpoint lacks its manifest.json",
    );
  });

  it.each([
    ["/runs/mnits", `checkpoint "/runs/mnits" does not exist: did you mean "/runs/mnist"? ${WANTED}`],
    ["/nowhere/at/all", `checkpoint "/nowhere/at/all" does not exist: ${WANTED}`],
    [`${RUN}/config.json`, `"${RUN}/config.json" is a file that belongs to no checkpoint: ${WANTED}`],
    ["/runs", `"/runs" holds no checkpoint (it has mnist): ${WANTED}`],
    ["/empty", `"/empty" holds no checkpoint (it is empty): ${WANTED}`],
    ["/young", `"/young/checkpoints" holds no checkpoint (it is empty): ${WANTED}`],
    ["/other", `"/other" holds no checkpoint (it has a, b, c, d, and 1 more): ${WANTED}`],
  ])("says what %s is instead", async (path, message) => {
    await world.disk.makeFolder("/empty");
    await world.disk.makeFolder("/young/checkpoints");
    for (const name of ["a", "b", "c", "d", "e"]) {
      await world.disk.makeFolder(`/other/${name}`);
    }
    await expect(openCheckpoint(world, path)).rejects.toThrow(new DataError(message));
  });
});

describe("a model without the optimizer's state", () => {
  const model = (step: number) => ({ ...sample(step), optimizer: [] });
  const CHECKPOINT = `${FOLDER}/step-0000000002`;
  let world: SimulatedWorld;

  beforeEach(async () => {
    world = new SimulatedWorld();
    const store = await CheckpointStore.open(world, FOLDER, { keep: 2 });
    await store.save(sample(1));
    await store.save(sample(2));
  });

  it("can be used, but is passed over where training is to go on", async () => {
    await world.disk.remove(`${CHECKPOINT}/optimizer.safetensors`);
    expect(saved(await openCheckpoint(world, RUN, { optimizer: false }))).toEqual(model(2));
    expect((await openCheckpoint(world, RUN)).step).toBe(1);
    await expect(openCheckpoint(world, CHECKPOINT)).rejects.toThrow("the checkpoint lacks its optimizer.safetensors");
  });

  it("can be a file on its own, under another name", async () => {
    await world.disk.rename(`${CHECKPOINT}/model.safetensors`, "/best.safetensors");
    expect(saved(await openCheckpoint(world, "/best.safetensors", { optimizer: false }))).toEqual(model(2));
    await expect(openCheckpoint(world, "/best.safetensors")).rejects.toThrow(
      '"/best.safetensors" is a model on its own: it can be used, but not resumed without its checkpoint',
    );
  });

  it("beside its manifest is checked by that", async () => {
    world.disk.flipBit(`${CHECKPOINT}/model.safetensors`, 999);
    const opened = openCheckpoint(world, `${CHECKPOINT}/model.safetensors`, { optimizer: false });
    await expect(opened).rejects.toThrow("is damaged");
  });

  it.each([
    ["of another program", { format: "pt" }],
    ["with a damaged description", { format: "dawnpour", checkpoint: '{"step":1' }],
    ["with half a description", { format: "dawnpour", checkpoint: '{"step":1}' }],
  ])("is refused %s", async (_, metadata) => {
    await writeSafetensors("/a.safetensors", sample(1).parameters, metadata as Record<string, string>, world);
    await expect(openCheckpoint(world, "/a.safetensors", { optimizer: false })).rejects.toThrow(
      '"/a.safetensors" holds 2 tensors without a description of their network: train from them with --weights',
    );
  });
});
