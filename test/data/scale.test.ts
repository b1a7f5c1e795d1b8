import { describe, expect, it } from "vitest";
import type { Dataset } from "../../src/data/dataset.js";
import { describeDataset } from "../../src/data/describe.js";
import { datasetInMemory } from "../../src/data/in-memory.js";
import { type LoadOptions, loadDataset } from "../../src/data/load.js";
import { parseScale } from "../../src/data/scale.js";
import { DataError, UsageError } from "../../src/error.js";
import { SimulatedWorld } from "../../src/world/simulated/world.js";
import { bytesOf, npy, npyHeader, putFiles } from "./files.js";

async function load(files: Record<string, Uint8Array>, options: Partial<LoadOptions> = {}): Promise<Dataset> {
  const world = new SimulatedWorld();
  await putFiles(world.disk, "/own", files);
  return loadDataset("/own", { world, environment: {}, ...options });
}

const bytes = (shape: string, ...values: number[]) => npy(npyHeader("|u1", shape), values);
const reals = (shape: string, ...values: number[]) => npy(npyHeader("<f4", shape), bytesOf(Float32Array.from(values)));

describe("the scale", () => {
  it.each<[string, Uint8Array, number, ([number, number] | undefined)?]>([
    ["of bytes makes brightnesses", bytes("(3, 2)", 0, 1, 2, 200, 0, 0), 1 / 255],
    ["of bytes that are 0 and 1 only leaves them", bytes("(3, 2)", 0, 1, 1, 1, 0, 0), 1],
    ["of numbers from 0 to 1 leaves them", reals("(2, 1, 2)", 0, 0.5, 1, 0.1), 1],
    ["of pictures of numbers up to 255 makes brightnesses", reals("(2, 2, 2)", 0, 255, 3.5, 9, 1, 2, 3, 4), 1 / 255],
    ["of rows of numbers leaves them, whatever they are", reals("(2, 2)", 0, 255, 3.5, 9), 1, [0, 255]],
    ["of pictures with values below 0 leaves them", reals("(2, 2, 2)", 0, 255, -3.5, 9, 1, 2, 3, 4), 1, [-3.5, 255]],
  ])("%s", async (_, file, scale, range) => {
    const { train, test } = await load({ "a.npy": file });
    expect([train.scale, test.scale, train.range]).toEqual([scale, scale, range]);
  });

  it("is one for both splits, found out from both", async () => {
    const { train, test } = await load({ "train.npy": bytes("(2, 2)", 0, 1, 1, 0), "test.npy": bytes("(1, 2)", 0, 9) });
    expect([train.scale, test.scale]).toEqual([1 / 255, 1 / 255]);
    const mixed = load({ "train.npy": bytes("(2, 2)", 0, 200, 1, 0), "test.npy": reals("(1, 2)", 0, 0.5) });
    await expect(mixed).rejects.toThrow(DataError);
    await expect(mixed).rejects.toThrow(
      "/own/train.npy holds bytes up to 200, /own/test.npy numbers up to 1: store both the same way",
    );
  });

  it("is what the user says", async () => {
    const { train } = await load({ "a.npy": bytes("(2, 2)", 0, 1, 1, 0) }, { scale: 0.25 });
    expect(train.scale).toBe(0.25);
  });

  it("leaves values that stray from [0, 1] by a hair on its ends, and says so", async () => {
    const { train, test, remarks } = await load({ "a.npy": reals("(3, 2)", 0, 1 + 1e-7, -1e-7, 1, 0.5, 1) });
    expect([...train.images, ...test.images]).toEqual([0, 1, 0, 1, 0.5, 1]);
    expect(remarks).toEqual(["2 values within 0.000001 outside [0, 1] were moved to it"]);
    const kept = await load({ "a.npy": reals("(3, 1)", 0, 1 + 1e-7, 2) });
    expect(kept.train.images[1]).toBe(Math.fround(1 + 1e-7));
  });

  it("is a number or a fraction", () => {
    expect([parseScale("1/255"), parseScale("0.5"), parseScale("1e-3")]).toEqual([1 / 255, 0.5, 1e-3]);
    for (const wrong of ["", "0", "-1", "x", "1/0", "1/2/3", "NaN"])
      expect(() => parseScale(wrong)).toThrow(UsageError);
  });
});

describe("the shape", () => {
  const zeros = (shape: string, length: number) => bytes(shape, ...new Array<number>(length).fill(0));
  it.each<[string, string, number, string | undefined, object]>([
    ["of 784 values is 28 x 28", "(2, 784)", 1568, undefined, { shape: [28, 28] }],
    ["of other rows is none", "(2, 64)", 128, undefined, {}],
    ["is what the user says", "(2, 64)", 128, "8x8", { shape: [8, 8] }],
    ["may be none", "(2, 784)", 1568, "none", {}],
    ["leaves out what is one", "(2, 1, 4, 4)", 32, undefined, { shape: [4, 4] }],
    ["of colours last", "(2, 4, 5, 3)", 120, undefined, { shape: [4, 5], colour: { channels: 3, planar: false } }],
    ["of colours first", "(2, 3, 4, 5)", 120, undefined, { shape: [4, 5], colour: { channels: 3, planar: true } }],
    ["of flat colours", "(2, 60)", 120, "3x4x5", { shape: [4, 5], colour: { channels: 3, planar: true } }],
  ])("%s", async (_, extents, length, shape, expected) => {
    const { train } = await load({ "a.npy": zeros(extents, length) }, { shape });
    expect({ ...(train.shape && { shape: train.shape }), ...(train.colour && { colour: train.colour }) }).toEqual(
      expected,
    );
  });

  it.each([
    ["7x7", "shape 7x7 is 49 values a row, and the rows have 64: give one of 64"],
    ["8", 'shape "8": give height x width, as in 28x28'],
    ["0x8", 'shape "0x8": give height x width'],
    ["8x8x5", 'shape "8x8x5": give height x width'],
  ])("%s is refused", async (shape, message) => {
    const loading = load({ "a.npy": zeros("(2, 64)", 128) }, { shape });
    await expect(loading).rejects.toThrow(UsageError);
    await expect(loading).rejects.toThrow(message);
  });
});

it("what a data set is can be told in a few lines", async () => {
  const files = {
    "x_train.npy": bytes("(2, 2, 2)", 0, 1, 2, 3, 4, 5, 6, 7),
    "x_test.npy": bytes("(1, 2, 2)", 9, 9, 9, 9),
  };
  const dataset = await load({ ...files, "val.npy": bytes("(1, 2, 2)", 1, 1, 1, 1) });
  expect(describeDataset(dataset, true)).toContain("columns are standardised: in standard deviations from their means");
  expect(describeDataset(dataset)).toEqual([
    "/own",
    "train 2 images of 2 x 2, from x_train.npy (uint8, divided by 255)",
    "test  1 image of 2 x 2, from x_test.npy (uint8, divided by 255)",
    "left out: val.npy",
  ]);
});

it("a limit reads the rows that it leaves, and no others", async () => {
  const rows = Array.from({ length: 40 }, (_, i) => i);
  const { train, test } = await load({ "a.npy": bytes("(40, 1)", ...rows) }, { limit: 3 });
  expect([[...train.images], [...test.images]]).toEqual([
    [0, 1, 2],
    [36, 37, 38],
  ]);
});

it("data in memory has its scale decided in the same way, and stays as it was given", () => {
  const bits = Uint8Array.of(0, 1, 1, 0);
  expect(datasetInMemory({ train: bits, features: 1 }).train.scale).toBe(1);
  expect(datasetInMemory({ train: Uint8Array.of(0, 9, 1, 0), features: 1 }).train.scale).toBe(1 / 255);
  expect(datasetInMemory({ train: bits, features: 1, scale: 0.5 }).train.scale).toBe(0.5);
  const stray = Float32Array.of(0, 1 + 1e-7, 0.5);
  const dataset = datasetInMemory({ train: stray, features: 1 });
  expect([dataset.train.images[1], stray[1] > 1, dataset.remarks?.length]).toEqual([1, true, 1]);
});
