import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { Dataset } from "../../src/data/dataset.js";
import { encodeNpy } from "../../src/data/formats/npy.js";
import { loadDataset } from "../../src/data/load.js";
import { DataError } from "../../src/error.js";
import { SimulatedWorld } from "../../src/world/simulated/world.js";
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
      train: {
        ...{ images: count(120), count: 20, features: 6, scale: 1 / 255, shape: [2, 3], labels: count(20) },
        origin: { files: ["/own/train-images-idx3-ubyte.gz"], type: "uint8" },
      },
      test: {
        ...{ images: count(24), count: 4, features: 6, scale: 1 / 255, shape: [2, 3], labels: count(4) },
        origin: { files: ["/own/t10k-images.idx3-ubyte"], type: "uint8" },
      },
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
      origin: { files: ["/own/x_train.npy"], type: "float32" },
    });
    expect(test.labels).toBeUndefined();
  });

  it("refuses tables whose columns are in different orders: they would be mixed up", async () => {
    const table = (head: string) => new TextEncoder().encode(`${head}\n1,2\n3,4\n`);
    const files = { "train.csv": table("a,b"), "test.csv": table("b,a") };
    await expect(load(files)).rejects.toThrow(
      'column 0 of the training rows is "a", of the test rows "b": write the columns in one order',
    );
    const named = { "train.csv": table("a,b"), "test.csv": table("c,d") };
    expect((await load(named)).train.tableColumns).toEqual({ values: ["a", "b"] });
  });

  it("holds out the last tenth when nothing is there to test on", async () => {
    const dataset = await load({ "images.idx": pictures(25), "labels.idx": labels(25) });
    expect([dataset.train.count, dataset.test.count]).toEqual([23, 2]);
    expect(dataset.test.images).toEqual(count(150).subarray(138));
    expect(dataset.test.labels).toEqual(Uint8Array.of(23, 24));
    expect(dataset.source).toBe("/own/images.idx (25 rows, the last tenth held out as test)");
  });

  it("counts a file and its own gzip as one", async () => {
    const bytes = pictures(3);
    expect((await load({ "images-idx3-ubyte": bytes, "images-idx3-ubyte.gz": gzipSync(bytes) })).train.count).toBe(2);
  });

  it.each<[string, Record<string, Uint8Array>, string]>([
    ["no data files", { "notes.txt": count(3) }, "/own: no data here: give a folder with files of NPY, NPZ,"],
    ["labels alone", { "labels.npy": labels(3) }, "/own: no rows to train on here: it holds labels only"],
    [
      "two candidates",
      { "a.idx": pictures(3), "b.idx": pictures(4) },
      "/own: both a.idx and b.idx look like train values",
    ],
    [
      "images and labels of different number",
      { "images.idx": pictures(5), "labels.idx": labels(4) },
      "/own/labels.idx: has 4 labels, /own/images.idx has 5 rows; they must match",
    ],
    [
      "labels where images are expected",
      { "images.idx": labels(5) },
      "/own/images.idx: holds 5 values in one dimension, as labels do; rows to train on need two or more dimensions",
    ],
    [
      "images where labels are expected",
      { "images.idx": pictures(5), "labels.idx": pictures(5) },
      "/own/labels.idx: holds 5 x 2 x 3 values; labels are one whole number a row, which numpy.argmax",
    ],
    [
      "parts of different rows",
      { "part-1.idx": pictures(3), "part-2.idx": idxBytes([3, 2], count(6)) },
      "/own/part-2.idx: rows are 2, those of /own/part-1.idx 2 x 3: parts of one data set have the same",
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

describe("roles", () => {
  const rows = (n: number) => idxBytes([n, 2, 3], count(6 * n));
  const sizes = async (files: Readonly<Record<string, Uint8Array>>) => {
    const { train, test, remarks } = await load(files);
    const labels = [train, test].map((split) => split.labels !== undefined);
    return { rows: [train.count, test.count], labels, remarks };
  };

  it.each<[string, Record<string, Uint8Array>, [number, number], boolean, string[]?]>([
    ["are whole words", { "train_values.idx": rows(60), "holdout.idx": rows(5) }, [60, 5], false],
    ["are of values on both sides", { "train_values.idx": rows(30), "test_values.idx": rows(6) }, [30, 6], false],
    [
      "are as in Keras",
      { "x_train.idx": rows(30), "y_train.idx": labels(30), "x_test.idx": rows(6), "y_test.idx": labels(6) },
      [30, 6],
      true,
    ],
    ["are as in scikit-learn", { "X.idx": rows(30), "y.idx": labels(30) }, [27, 3], true],
    ["are written together", { "Xtrain.idx": rows(30), "ytrain.idx": labels(30), "Xtest.idx": rows(6) }, [30, 6], true],
    ["are images and labels", { "images.idx": rows(30), "labels.idx": labels(30) }, [27, 3], true],
    [
      "are three",
      { "train.idx": rows(30), "test.idx": rows(6), "val.idx": rows(3) },
      [30, 6],
      false,
      ["left out: val.idx"],
    ],
    ["are train and validation", { "train.idx": rows(30), "validation.idx": rows(3) }, [30, 3], false],
    ["are no dotfile's", { "train.idx": rows(30), "._train.idx": rows(1), ".test.idx": rows(1) }, [27, 3], false],
    [
      "are of one of two equal files",
      { "train-images.idx3-ubyte": rows(20), "train-images-idx3-ubyte": rows(20) },
      [18, 2],
      false,
    ],
    [
      "are said of one file, not of another",
      { "train.idx": rows(30), "mean.idx": rows(1) },
      [27, 3],
      false,
      ["left out: mean.idx"],
    ],
  ])("%s", async (_, files, expected, labelled, remarks) => {
    const found = await sizes(files);
    expect([found.rows, found.labels[0], found.remarks]).toEqual([expected, labelled, remarks]);
  });

  it("of numbered files are of parts of one, in the order in which people count", async () => {
    const part = (from: number) => idxBytes([2, 1, 2], [from, from, from, from]);
    const { train, test } = await load({ "train-10.idx": part(10), "train-2.idx": part(2), "train-1.idx": part(1) });
    expect([...train.images, ...test.images]).toEqual([1, 2, 10].flatMap((n) => [n, n, n, n]));
    expect(train.origin?.files).toEqual([1, 2, 10].map((n) => `/own/train-${n}.idx`));
  });

  it("are found in folders within, where a folder holds nothing else", async () => {
    const world = new SimulatedWorld();
    await putFiles(world.disk, "/MNIST/raw", { "train-images-idx3-ubyte": rows(9), "t10k-images-idx3-ubyte": rows(3) });
    const { train, test } = await loadDataset("/MNIST", { world, environment: {} });
    expect([train.count, test.count]).toEqual([9, 3]);
    await putFiles(world.disk, "/twin/train-images-idx3-ubyte", { "train-images-idx3-ubyte": rows(5) });
    await putFiles(world.disk, "/twin", { "train-images.idx3-ubyte": rows(9), "t10k-images.idx3-ubyte": rows(3) });
    expect((await loadDataset("/twin", { world, environment: {} })).train.count).toBe(9);
  });

  it("may be numbers that are no classes, which a regression learns", async () => {
    const { train, test, remarks } = await load({
      "X.idx": rows(2),
      "y.npy": encodeNpy(Float32Array.of(1.5, 2.5), [2]),
    });
    expect([train.labels, train.targets, test.targets]).toEqual([
      undefined,
      Float32Array.of(1.5),
      Float32Array.of(2.5),
    ]);
    expect(remarks).toBeUndefined();
  });

  it("may be no numbers: the rows are then learned without them", async () => {
    const dataset = await load({ "X.idx": rows(2), "y.npy": encodeNpy(Float32Array.of(Number.NaN, 1.5), [2]) });
    expect([dataset.train.labels, dataset.train.targets]).toEqual([undefined, undefined]);
    expect(dataset.remarks).toEqual(["/own/y.npy: row 0 is NaN: the labels were left out"]);
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
    expect(train).toMatchObject({ images: Float32Array.of(1, 2), count: 1, features: 2, scale: 1, range: [-1, 3] });
  });

  it.each<[string, Uint8Array, string]>([
    ["nothing", new Uint8Array(0), "/own/a: the file is empty"],
    [
      "another format",
      Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 1),
      "/own/a: none of NPY, NPZ, Parquet, Arrow, IDX, CSV (it starts with 89 50 4e 47)",
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
