import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { Dataset } from "../../src/data/dataset.js";
import { loadDataset } from "../../src/data/load.js";
import { encodeNpy } from "../../src/data/npy.js";
import { DataError } from "../../src/error.js";
import { SimulatedWorld } from "../../src/world/simulated-world.js";
import { bytesOf, count, idx, idxBytes, npy, npyHeader, putFiles } from "./files.js";

const pictures = (rows: number): Uint8Array => idxBytes([rows, 2, 3], count(6 * rows));
const labels = (rows: number): Uint8Array => idxBytes([rows], count(rows));

/** Loads `path` from a disk on which `/own` holds `files`. */
async function load(files: Readonly<Record<string, Uint8Array>>, path = "/own"): Promise<Dataset> {
  const world = new SimulatedWorld();
  await putFiles(world.disk, "/own", files);
  return loadDataset(path, { world, environment: {} });
}

describe("a folder of files", () => {
  it("pairs train and test, images and labels, by their names", async () => {
    const dataset = await load({
      "train-images-idx3-ubyte.gz": gzipSync(pictures(20)),
      "train-labels-idx1-ubyte.gz": gzipSync(labels(20)),
      "t10k-images.idx3-ubyte": pictures(4),
      "t10k-labels.idx1-ubyte": labels(4),
      "README.md": count(9),
    });
    expect(dataset).toEqual({
      name: "own",
      reference: "/own",
      source: "/own",
      train: { images: count(120), count: 20, features: 6, scale: 1 / 255, shape: [2, 3], labels: count(20) },
      test: { images: count(24), count: 4, features: 6, scale: 1 / 255, shape: [2, 3], labels: count(4) },
    });
  });

  it("reads NPY files, with labels as NumPy stores them", async () => {
    const { train, test } = await load({
      "x_train.npy": encodeNpy(Float32Array.of(0, 0.25, 0.5, 1), [2, 2]),
      "train_labels.npy": npy(npyHeader("<i8", "(2,)"), bytesOf(BigInt64Array.of(3n, 7n))),
      "x_test.npy": encodeNpy(Float32Array.of(1, 0), [1, 2]),
    });
    expect(train).toEqual({
      images: Float32Array.of(0, 0.25, 0.5, 1),
      count: 2,
      features: 2,
      scale: 1,
      labels: Int32Array.of(3, 7),
    });
    expect(test.labels).toBeUndefined();
  });

  it("holds out the last tenth when nothing is there to test on", async () => {
    const dataset = await load({ "images.idx": pictures(25), "labels.idx": labels(25) });
    expect([dataset.train.count, dataset.test.count]).toEqual([23, 2]);
    expect(dataset.test.images).toEqual(count(150).subarray(138));
    expect(dataset.test.labels).toEqual(Uint8Array.of(23, 24));
    expect(dataset.source).toBe("/own/images.idx (25 rows, the last tenth held out as test)");
  });

  it("takes a file and its own gzip for one", async () => {
    const bytes = pictures(3);
    expect((await load({ "images-idx3-ubyte": bytes, "images-idx3-ubyte.gz": gzipSync(bytes) })).train.count).toBe(2);
  });

  it.each<[string, Record<string, Uint8Array>, string]>([
    ["no data files", { "notes.txt": count(3) }, "/own: no images here"],
    ["labels alone", { "labels.npy": labels(3) }, "/own: no images here"],
    ["two candidates", { "a.npy": count(3), "b.npy": count(3) }, "/own: both a.npy and b.npy look like train images"],
    [
      "images and labels of different number",
      { "images.idx": pictures(5), "labels.idx": labels(4) },
      "/own/labels.idx: has 4 labels, /own/images.idx has 5 images; they must match",
    ],
    [
      "labels where images are expected",
      { "images.idx": labels(5) },
      "/own/images.idx: holds 5 values in one dimension, as labels do; images need two or more dimensions",
    ],
    [
      "images where labels are expected",
      { "images.idx": pictures(5), "labels.idx": pictures(5) },
      "/own/labels.idx: holds 5 x 2 x 3 values; labels are one whole number a row",
    ],
    [
      "real numbers as labels",
      { "images.idx": pictures(2), "labels.npy": encodeNpy(Float32Array.of(1, 2), [2]) },
      "/own/labels.npy: labels are stored as real numbers; store whole ones",
    ],
    [
      "rows of different width",
      { "train.npy": encodeNpy(new Float32Array(6), [2, 3]), "test.npy": encodeNpy(new Float32Array(4), [2, 2]) },
      "/own: training rows have 3 features, test rows 2; they must have the same",
    ],
  ])("refuses %s", async (_, files, message) => {
    await expect(load(files)).rejects.toThrow(DataError);
    await expect(load(files)).rejects.toThrow(message);
  });
});

describe("a single file", () => {
  it("is split, whatever its name or compression says", async () => {
    const dataset = await load({ "pictures.bin": gzipSync(pictures(10)) }, "/own/pictures.bin");
    expect([dataset.name, dataset.train.count, dataset.test.count]).toEqual(["pictures.bin", 9, 1]);
  });

  it("may be gzip in several members", async () => {
    const bytes = pictures(10);
    const members = Buffer.concat([gzipSync(bytes.subarray(0, 30)), gzipSync(bytes.subarray(30))]);
    expect((await load({ "a.gz": members }, "/own/a.gz")).train.images).toEqual(count(54));
  });

  it("may be gzip with a file name in its header", async () => {
    const packed = gzipSync(pictures(10));
    const named = Buffer.concat([packed.subarray(0, 10), Buffer.from("pictures.idx3\0"), packed.subarray(10)]);
    named[3] |= 8;
    expect((await load({ "a.gz": named }, "/own/a.gz")).train.images).toEqual(count(54));
  });

  it("may hold whole numbers, kept as they are", async () => {
    const { train } = await load({ "a.idx": idx(0x0b, [2, 2], [0, 1, 0, 2, 0, 3, 255, 255]) }, "/own/a.idx");
    expect(train).toEqual({ images: Float32Array.of(1, 2), count: 1, features: 2, scale: 1 });
  });

  it.each<[string, Uint8Array, string]>([
    ["nothing", new Uint8Array(0), "/own/a: the file is empty"],
    [
      "another format",
      Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 1),
      "/own/a: neither IDX nor NPY (it starts with 89 50 4e 47)",
    ],
    [
      "half a gzip",
      gzipSync(pictures(10)).subarray(0, 25),
      "/own/a: gzip data damaged or cut short (unexpected end of file)",
    ],
    ["an empty gzip", gzipSync(new Uint8Array(0)), "/own/a: the file is empty"],
    ["one row", pictures(1), "/own/a: holds a single row"],
    [
      "a value that is no number",
      encodeNpy(Float32Array.of(0, 1, 0, Number.NaN, 0, 0), [3, 2]),
      "/own/a: row 1, column 1 is NaN",
    ],
    [
      "a value beyond float32",
      npy(npyHeader("<f8", "(2, 1)"), bytesOf(Float64Array.of(1, 1e300))),
      "row 1, column 0 is Infinity",
    ],
  ])("refuses %s", async (_, bytes, message) => {
    await expect(load({ a: bytes }, "/own/a")).rejects.toThrow(DataError);
    await expect(load({ a: bytes }, "/own/a")).rejects.toThrow(message);
  });

  it("names a flipped bit in a gzip", async () => {
    const packed = gzipSync(pictures(40));
    packed[packed.length - 6] ^= 1;
    await expect(load({ a: packed }, "/own/a")).rejects.toThrow(
      "gzip data damaged or cut short (incorrect data check)",
    );
  });
});
