/**
 * Reads mutated files: `npm run fuzz:files -- [number] [seed] [first] [name]`, a million by default. For any file a reader must return
 * its numbers, or fail with one line about what is wrong. It must not crash, hang or use memory that the file does not need.
 */
import { readdir, readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { decodeManifest, encodeManifest } from "../../dist/checkpoint/manifest.js";
import { decodeSafetensors, encodeSafetensors } from "../../dist/checkpoint/safetensors.js";
import { loadDataset } from "../../dist/data/load.js";
import { DawnpourError } from "../../dist/error.js";
import { Random } from "../../dist/world/random.js";
import { SimulatedWorld } from "../../dist/world/simulated/world.js";

const [count = 1_000_000, seed = 1, first = 0] = process.argv.slice(2, 5).map(Number);
/** A fourth argument is part of the names of the samples to mutate, such as `feather`. */
const [wanted = ""] = process.argv.slice(5);
/**
 * The limits for one file: milliseconds of processor time, and bytes of memory. Memory may be ten times the size of the file, in
 * addition to what the process and its libraries always use.
 */
const MOST_TIME = 1000;
const MOST_MEMORY = 10;
/**
 * The claims of a few packed bytes are believed up to `MOST_PER_BYTE_OF_RUNS` (16384) bytes each: 45 MiB in a file of 3 KB. The rest
 * is garbage that is not collected yet.
 */
const SPARE = 96 << 20;

const fixtures = new URL("../data/fixtures/", import.meta.url);
const text = new TextEncoder();

async function samples() {
  const found = [];
  for (const name of await readdir(fixtures)) {
    if (name.endsWith(".py")) continue;
    const bytes = new Uint8Array(await readFile(new URL(name, fixtures)));
    found.push({ name, bytes, read: name.endsWith(".png") ? readPictures : readFileOf(name) });
  }
  const idx = Uint8Array.from([
    0,
    0,
    8,
    3,
    0,
    0,
    0,
    9,
    0,
    0,
    0,
    2,
    0,
    0,
    0,
    3,
    ...Array.from({ length: 54 }, (_, i) => i),
  ]);
  found.push({ name: "idx3-ubyte", bytes: idx, read: readFileOf("idx3-ubyte") });
  found.push({ name: "idx3-ubyte.gz", bytes: new Uint8Array(gzipSync(idx)), read: readFileOf("idx3-ubyte.gz") });
  const tensors = [
    { name: "encoder.0.weight", dtype: "F32", shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
    { name: "encoder.0.bias", dtype: "F32", shape: [2], data: Float32Array.of(7, 8) },
  ];
  const safetensors = Buffer.concat([...encodeSafetensors(tensors, { format: "dawnpour" })]);
  found.push({
    name: "safetensors",
    bytes: new Uint8Array(safetensors),
    read: (bytes) => decodeSafetensors(bytes, "f"),
  });
  found.push({ name: "manifest", bytes: manifest(), read: (bytes) => decodeManifest(bytes, "f") });
  return found;
}

function manifest() {
  const sha256 = "a".repeat(64);
  return encodeManifest({
    ...{ format: 2, dawnpour: "1.2.3", createdAt: "2030-01-01T00:00:00.000Z", step: 7, epoch: 0.5, seeds: { run: 3 } },
    ...{ architecture: "3-2-3", configuration: { layers: [3, 2] }, parametersSha256: sha256 },
    data: { name: "small", sha256, train: 20, test: 5 },
    files: { "model.safetensors": { size: 10, sha256 }, "optimizer.safetensors": { size: 10, sha256 } },
  });
}

const readFileOf = (name) => (bytes) => readFrom({ [`/own/${name}`]: bytes }, `/own/${name}`);
const readPictures = (bytes) => readFrom({ "/own/1.png": bytes, "/own/2.png": bytes }, "/own");

async function readFrom(files, path) {
  const world = new SimulatedWorld();
  await world.disk.makeFolder("/own");
  for (const [file, bytes] of Object.entries(files)) await world.disk.write(file, [bytes]);
  return loadDataset(path, { world, environment: {} });
}

/** Wrong sizes and counts, at the ends of the ranges of their types. */
const EXTREMES = [0, 1, 0x7f, 0x80, 0xff];
const WORDS = [
  "nan",
  "inf",
  "-1",
  "1e309",
  '"',
  "'",
  ",",
  "\n",
  "\0",
  "99999999999",
  "True",
  "(",
  ")",
  "{",
  "}",
  "\u{1f600}",
];

function mutated(original, random, others) {
  let bytes = original.slice();
  const times = 1 + random.below(4);
  for (let i = 0; i < times && bytes.length > 0; i++) {
    const at = random.below(bytes.length);
    switch (random.below(8)) {
      case 0:
        bytes[at] ^= 1 << random.below(8);
        break;
      case 1:
        bytes[at] = EXTREMES[random.below(EXTREMES.length)];
        break;
      case 2:
        for (let k = at; k < Math.min(bytes.length, at + 4); k++) bytes[k] = EXTREMES[random.below(2) * 4];
        break;
      case 3:
        bytes = bytes.slice(0, at);
        break;
      case 4:
        bytes = joined(bytes.subarray(0, at), bytes.subarray(Math.min(bytes.length, at + 1 + random.below(16))));
        break;
      case 5:
        bytes = joined(bytes.subarray(0, at), text.encode(WORDS[random.below(WORDS.length)]), bytes.subarray(at));
        break;
      case 6: {
        const other = others[random.below(others.length)].bytes;
        bytes = joined(bytes.subarray(0, at), other.subarray(random.below(other.length)));
        break;
      }
      default: {
        const from = random.below(bytes.length);
        bytes.copyWithin(at, from, from + 1 + random.below(64));
      }
    }
  }
  return bytes;
}

const joined = (...parts) => new Uint8Array(Buffer.concat(parts));

const milliseconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

const memory = () => {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

const all = (await samples()).filter(({ name }) => name.includes(wanted));
const told = { read: 0, refused: 0 };
let faults = 0;
function fault(what) {
  faults++;
  console.log(what);
}
let current = "";
// A rejection that a library leaves behind would end a user's process.
process.on("unhandledRejection", (error) => fault(`${current}: left behind: ${error?.stack ?? error}`));
let [slowest, largest] = [0, 0];
const began = performance.now();
for (let i = first; i < first + count; i++) {
  const random = new Random(seed, i);
  const sample = all[i % all.length];
  const bytes = mutated(sample.bytes, random, all);
  current = `${sample.name}, file ${i}`;
  const before = memory();
  const start = milliseconds();
  try {
    await sample.read(bytes);
    told.read++;
  } catch (error) {
    const isSaid = error instanceof DawnpourError && !/[\n\r]/.test(error.message) && error.message.length < 1000;
    if (isSaid) told.refused++;
    else fault(`${current}: ${error.stack ?? error}`);
  }
  const time = milliseconds() - start;
  // Node reports rejections that nothing awaits between two turns of the event loop.
  await new Promise((resolve) => setImmediate(resolve));
  const taken = memory() - before - MOST_MEMORY * bytes.length;
  slowest = Math.max(slowest, time);
  largest = Math.max(largest, taken);
  if (time > MOST_TIME) fault(`${current}: took ${time.toFixed(0)} ms`);
  if (taken > SPARE) fault(`${current}: took ${taken} bytes beyond ten times its own`);
  if ((i + 1) % 10_000 === 0) {
    const rate = ((i + 1) * 1000) / (performance.now() - began);
    console.log(`${i + 1} files, ${told.read} read, ${told.refused} refused, ${faults} faults, ${rate.toFixed(0)}/s`);
  }
  if (faults > 20) break;
}
console.log(
  `${count} mutations of ${all.length} files, seed ${seed}: ${told.read} read, ${told.refused} refused in one line, ${faults} faults; the slowest took ${slowest.toFixed(0)} ms, the largest ${(largest / 2 ** 20).toFixed(1)} MiB beyond ten times its size`,
);
process.exitCode = faults > 0 ? 1 : 0;
