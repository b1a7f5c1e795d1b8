/**
 * Trains a small network for many steps, with evaluations and checkpoints, in a process that can call the garbage collector. It
 * prints its memory over time, in bytes, as one JSON line of [{ step, heap, external, resident }].
 *
 * node --expose-gc many-steps.mjs <device> <adapter> <steps> <folder>
 */
import { openDevice, run } from "dawnpour";
import { nodeWorld } from "dawnpour/actors";

const [device, adapter, length, out] = process.argv.slice(2);
const steps = Number(length);
const samples = [];

function observer({ event, step }) {
  if (event !== "steps" || step < (samples.length * steps) / 50) return;
  globalThis.gc();
  const { heapUsed, external, rss } = process.memoryUsage();
  samples.push({ step, heap: heapUsed, external, resident: rss });
}

function split(count) {
  const images = Uint8Array.from({ length: 64 * count }, (_, i) => (i * i) % 251);
  return { images, count, features: 64, scale: 1 / 255 };
}

const dataset = { name: "ramps", source: "made here", train: split(640), test: split(1024) };
const config = { dataset: "ramps", layers: [64, 16, 4], batch: 32, steps, evaluateEvery: 10, checkpointEvery: 25 };
const opened = await openDevice({ device, adapter: adapter || undefined });
await run({ world: nodeWorld(), device: opened, dataset, config, out, observer });
opened.destroy();
console.log(JSON.stringify(samples));
