/** Files as NumPy, pandas, pyarrow and Pillow write them (fixtures/make.py): all give the same rows. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { describe, expect, it } from "vitest";
import { quoted } from "../../../src/data/formats/columns.js";
import { decodePicture } from "../../../src/data/formats/png.js";
import { type LoadOptions, loadDataset } from "../../../src/data/load.js";
import { DataError, UsageError } from "../../../src/error.js";
import { nodeWorld } from "../../../src/world/node/world.js";
import { SimulatedWorld } from "../../../src/world/simulated/world.js";
import { putFiles } from "../files.js";

const FIXTURES = new URL("../fixtures/", import.meta.url).pathname;
const load = (name: string, options: Partial<LoadOptions> = {}) =>
  loadDataset(join(FIXTURES, name), { world: nodeWorld(), environment: {}, ...options });

async function loadText(text: string, options: Partial<LoadOptions> = {}, name = "t.csv") {
  const world = new SimulatedWorld();
  await putFiles(world.disk, "/own", { [name]: new TextEncoder().encode(text) });
  return loadDataset(`/own/${name}`, { world, environment: {}, ...options });
}

/** Row i, column j: i + j / 4. */
const ROWS = [0, 1, 2, 3, 4, 5].flatMap((i) => [i, i + 0.25, i + 0.5]);

async function rowsOf(name: string) {
  const { train, test } = await load(name);
  const labels = train.labels && [...train.labels, ...(test.labels ?? [])];
  return { values: [...train.images, ...test.images], labels, classNames: train.classNames };
}

describe("a table", () => {
  const tables = "brotli.parquet gzip.parquet lz4.parquet none.parquet snappy.parquet zstd.parquet".split(" ");
  const arrows = "lz4.feather zstd.feather uncompressed.feather".split(" ");
  it.each([...tables, ...arrows, "pandas.csv", "german.csv"])("%s holds its rows and their classes", async (name) => {
    expect(await rowsOf(name)).toEqual({ values: ROWS, labels: [0, 1, 0, 1, 0, 1], classNames: ["a", "b"] });
  });

  it.each(["savetxt.txt", "savetxt.csv", "half.npy", "fortran.npy"])("%s holds its rows", async (name) => {
    expect(await rowsOf(name)).toEqual({ values: ROWS, labels: undefined, classNames: undefined });
  });

  it("of lists holds their values", async () => {
    expect(await rowsOf("stream.arrows")).toEqual({ values: ROWS, labels: [0, 1, 0, 1, 0, 1], classNames: undefined });
  });

  it("of several row groups and types", async () => {
    const { values } = await rowsOf("types.parquet");
    expect(values).toEqual(ROWS.map((value, i) => (i % 3 === 1 ? 4 * value : value)));
  });

  it.each(["plain.npz", "packed.npz"])("%s has the arrays of NumPy by their names", async (name) => {
    const { train, test } = await load(name);
    expect([[...train.images], [...(train.labels ?? [])]]).toEqual([ROWS, [0, 1, 2, 3, 4, 5]]);
    expect([[...test.images], [...(test.labels ?? [])]]).toEqual([ROWS.slice(0, 6), [0, 1]]);
  });

  it("is read up to its limit", async () => {
    for (const name of [...tables, ...arrows, "pandas.csv", "fortran.npy"]) {
      const { train, test } = await load(name, { limit: 2 });
      expect([[...train.images], [...test.images]]).toEqual([ROWS.slice(0, 6), ROWS.slice(15)]);
    }
  });
});

describe("pictures", () => {
  const grey = Array.from({ length: 12 }, (_, i) => 20 * i);
  const colour = grey.flatMap((value) => [value, value, value]);
  it.each<[string, number[], object]>([
    ["grey.png", grey, { shape: [3, 4], scale: 1 / 255 }],
    ["bits.png", grey.map((value) => (value > 100 ? 255 : 0)), { shape: [3, 4], scale: 1 / 255 }],
    ["colour.png", colour, { shape: [3, 4], colour: { channels: 3, planar: false } }],
    ["alpha.png", colour, { shape: [3, 4], colour: { channels: 3, planar: false } }],
    ["palette.png", colour, { shape: [3, 4], colour: { channels: 3, planar: false } }],
    ["deep.png", grey.map((value) => 250 * value), { shape: [3, 4], scale: 1 / 65535 }],
  ])("of the kind of %s", async (name, values, expected) => {
    const world = new SimulatedWorld();
    const bytes = new Uint8Array(await readFile(join(FIXTURES, name)));
    await putFiles(world.disk, "/own", { "1.png": bytes, "2.png": bytes, "10.png": bytes });
    const { train } = await loadDataset("/own", { world, environment: {} });
    expect(train).toMatchObject({ count: 2, ...expected });
    expect([...train.images.subarray(0, values.length)]).toEqual(values);
  });

  it("in folders have these for classes and parts, and any tenth has some of each", async () => {
    const world = new SimulatedWorld();
    const bytes = new Uint8Array(await readFile(join(FIXTURES, "grey.png")));
    const files = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`${i}.png`, bytes]));
    for (const kind of ["cat", "dog"]) await putFiles(world.disk, `/own/train/${kind}`, files);
    const held = await loadDataset("/own", { world, environment: {} });
    expect([held.train.count, [...(held.test.labels ?? [])], held.train.classNames]).toEqual([
      18,
      [0, 1],
      ["cat", "dog"],
    ]);
    for (const kind of ["cat", "dog"]) await putFiles(world.disk, `/own/test/${kind}`, { "1.png": bytes });
    const { train, test } = await loadDataset("/own", { world, environment: {} });
    expect([train.count, test.count]).toEqual([20, 2]);
  });

  it("in a table are decoded", async () => {
    const { train } = await load("pictures.parquet");
    expect(train).toMatchObject({ count: 5, shape: [3, 4], scale: 1 / 255 });
    expect([...train.images.subarray(12, 15)]).toEqual([1, 2, 3]);
  });
});

describe("text", () => {
  it("may have a header, a label, quotes and blank lines, or none of them", async () => {
    const { train, remarks } = await loadText('label,"a, b",c\r\n3,1.5,2\r\n\r\n4,"2.5",3\r\n5,1,1\r\n');
    expect([...train.images, ...(train.labels ?? [])]).toEqual([1.5, 2, 2.5, 3, 3, 4]);
    expect(remarks).toEqual(['labels: column "label"']);
    expect([...(await loadText("1 2\n3 4\n5 6\n", {}, "plain")).train.images]).toEqual([1, 2, 3, 4]);
    expect([...(await loadText("1;2,5\n3;4\n5;6", {})).train.images]).toEqual([1, 2.5, 3, 4]);
  });

  it("has the label where the user says", async () => {
    expect([...((await loadText("1,2,3\n4,5,6\n7,8,9", { label: "1" })).train.labels ?? [])]).toEqual([2, 5]);
    expect([...((await loadText("a,b\n1,2\n4,5\n7,8", { label: "b" })).train.labels ?? [])]).toEqual([2, 5]);
    const wrong = loadText("alpha,beta\n1,2\n4,5\n7,8", { label: "bata" });
    await expect(wrong).rejects.toThrow(UsageError);
    await expect(wrong).rejects.toThrow('/own/t.csv: no column "bata" for the labels: did you mean "beta"?');
  });

  it("of many lines is read from where it is asked for", async () => {
    const lines = Array.from({ length: 1000 }, (_, i) => `${i},${i / 2}`);
    const { test } = await loadText(`a,b\n${lines.join("\n")}\n`, { limit: 2 });
    expect([...test.images]).toEqual([900, 450, 901, 450.5]);
  });

  it.each([
    ["a,b\n1,2\n3,\n4,5", /row 1, column "b" is empty: fill or drop such rows, as pandas.read_csv/],
    ["a,b\n1,2\n3,4,5\n4,5", /row 1 has 3 fields, the first has 2/],
    [`a,b\n${"1,2\n".repeat(200)}3,x\n${"1,2\n".repeat(50)}`, /row 200, column "b" is "x", which is no number/],
    ["a,b,c\n1,x,y\n2,z,w\n", /column "b" holds text, not numbers: if it is the class of a row give --label "b"/],
    ['a,b\n1,2\n"3\n4",5\n', /a quoted field goes over several lines/],
    ["a,b\n", /no rows|holds no/],
    ["# only\n# remarks\n", /only lines that begin with #/],
  ])("%j is refused", async (text, message) => {
    await expect(loadText(text)).rejects.toThrow(DataError);
    await expect(loadText(text)).rejects.toThrow(message);
  });
});

describe("what is not read is named, with the line that converts it", () => {
  it.each<[string, number[] | string, RegExp]>([
    ["a.h5", "\x89HDF\r\n", /HDF5 .*which is not read: python3 -c 'import h5py, numpy; f = h5py.File\("\/own\/a.h5"\)/],
    ["a.pkl", [0x80, 4, 0x95, 1], /a Python pickle, which is not read: python3 -c 'import pickle/],
    ["a.jpg", [0xff, 0xd8, 0xff, 0xe0], /a JPEG picture, which is not read: magick "\/own\/a.jpg" picture.png/],
    ["a.json", '[{"a": 1}]', /JSON, which is not read: .*pandas.read_json\("\/own\/a.json"\).to_csv/],
    ["a.mat", "MATLAB 5.0 MAT-file", /a MATLAB file, which is not read: .*scipy.io.loadmat/],
    ["a.csv", [0xff, 0xfe, 0x31, 0], /text in UTF-16, which is not read: iconv -f utf-16/],
    ["a.html", "<!DOCTYPE html><html>", /an HTML page, which is not read: fetch it again/],
    ["a.bz2", "BZh91AY", /bzip2 data, which is not read: bunzip2 -k/],
    ["a.bin", [1, 2, 3, 4], /none of NPY, NPZ, Parquet, Arrow, IDX, CSV \(it starts with 01 02 03 04\)/],
  ])("%s", async (name, start, message) => {
    const world = new SimulatedWorld();
    const bytes = typeof start === "string" ? Array.from(start, (letter) => letter.charCodeAt(0)) : start;
    await putFiles(world.disk, "/own", { [name]: Uint8Array.from([...bytes, ...new Array(40).fill(0x20)]) });
    const loading = loadDataset(`/own/${name}`, { world, environment: {} });
    await expect(loading).rejects.toThrow(DataError);
    await expect(loading).rejects.toThrow(message);
    await expect(loading).rejects.not.toThrow(/\n/);
  });

  it("an archive of PyTorch, by what is in it", async () => {
    const zip = new Uint8Array(await readFile(join(FIXTURES, "plain.npz")));
    const text = Buffer.from(zip)
      .toString("latin1")
      .replaceAll("y_train.npy", "x/data.pkl/")
      .replaceAll(".npy", ".pkl");
    const world = new SimulatedWorld();
    await putFiles(world.disk, "/own", { "a.pt": Uint8Array.from(Buffer.from(text, "latin1")) });
    await expect(loadDataset("/own/a.pt", { world, environment: {} })).rejects.toThrow(
      /ZIP archive without NPY|PyTorch/,
    );
  });
});

it("a flipped bit in an archive is found, packed or not", async () => {
  for (const name of ["plain.npz", "packed.npz"]) {
    const bytes = new Uint8Array(await readFile(join(FIXTURES, name)));
    bytes[name === "plain.npz" ? 180 : 90] ^= 1;
    const world = new SimulatedWorld();
    await putFiles(world.disk, "/own", { [name]: bytes });
    await expect(loadDataset(`/own/${name}`, { world, environment: {} })).rejects.toThrow(DataError);
  }
});

it("every fixture is tried here", async () => {
  const text = await readFile(new URL(import.meta.url), "utf8");
  for (const name of await readdir(FIXTURES)) if (name !== "make.py") expect(text).toContain(name);
});

it("an empty cell in a column of Parquet is named, and ends nothing but the reading", async () => {
  const loading = load("empty.parquet");
  await expect(loading).rejects.toThrow(DataError);
  await expect(loading).rejects.toThrow(/row 2, column "v" is empty: fill or drop such rows/);
});

it("damage in a page of Parquet is told of, and leaves no rejection that nothing awaits", async () => {
  const bytes = new Uint8Array(await readFile(join(FIXTURES, "none.parquet")));
  for (let at = 4; at < 60; at++) {
    const world = new SimulatedWorld();
    const damaged = bytes.slice();
    damaged[at] = 0xff;
    await putFiles(world.disk, "/own", { "a.parquet": damaged });
    const result = await loadDataset("/own/a.parquet", { world, environment: {} }).catch((error: unknown) => error);
    if (result instanceof Error) expect(result).toBeInstanceOf(DataError);
  }
});

it("a Parquet file whose columns are not those of its schema is refused, and leaves no rejection that nothing awaits", async () => {
  const bytes = new Uint8Array(await readFile(join(FIXTURES, "pictures.parquet")));
  // The last place is that of the metadata, behind the data.
  bytes.set(Buffer.from("lapel"), Buffer.from(bytes).lastIndexOf("label"));
  for (let at = 4; at < 220; at += 3) {
    const world = new SimulatedWorld();
    const damaged = bytes.slice();
    damaged[at] ^= 0xff;
    await putFiles(world.disk, "/own", { "a.parquet": damaged });
    const loading = loadDataset("/own/a.parquet", { world, environment: {} });
    await expect(loading).rejects.toThrow(/column "lapel" is not in its schema; write it again/);
  }
});

it.each([
  ["v", "u", /two columns are called "u": give each a name of its own/],
  ["w", "\xff", /column .* is not in its schema/],
])("a column %j of Parquet that is renamed %j in the schema is refused", async (name, by, message) => {
  const bytes = Buffer.from(await readFile(join(FIXTURES, "types.parquet")));
  // The schema comes before the chunks of columns; a name is a text of one letter: its length, and it.
  bytes.write(`\x01${by}`, bytes.indexOf(`\x01${name}`, bytes.indexOf("\x06schema")), "latin1");
  const world = new SimulatedWorld();
  await putFiles(world.disk, "/own", { "a.parquet": new Uint8Array(bytes) });
  await expect(loadDataset("/own/a.parquet", { world, environment: {} })).rejects.toThrow(message);
});

it("a PNG whose pixels are of no colour of its palette is refused", async () => {
  const png = Buffer.from(await readFile(join(FIXTURES, "palette.png")));
  const at = png.indexOf("PLTE");
  const one = Buffer.concat([Buffer.from("PLTE"), png.subarray(at + 4, at + 7)]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(3);
  sum.writeUInt32BE(crc32(one));
  const rest = png.subarray(at + 4 + png.readUInt32BE(at - 4) + 4);
  const bytes = Uint8Array.from(Buffer.concat([png.subarray(0, at - 4), length, one, sum, rest]));
  expect(() => decodePicture(bytes, "a.png")).toThrow(/^a.png: PNG damaged or cut short \(.*palette.*\)/);
  expect(() => decodePicture(bytes, "a.png")).toThrow(DataError);
});

it("a message quotes the name of a column without control characters, and not all of a long one", () => {
  expect(quoted(`a${"\0".repeat(100)}`)).toBe(`"a${"?".repeat(39)}"`);
});
