// The final test error of every strategy, compared with that of one part. All runs have the same images, batches and schedule,
// and every part has its share of a batch. The bits do not depend on the number of workers, so one worker computes all parts.
//   DAWNPOUR_DATA=... node bench/distributed/strategies.mjs [epochs = 5] [parts = 4] [strategy ...]
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { train } from "dawnpour";

const [epochs = "5", parts = "4", ...asked] = process.argv.slice(2);
const STRATEGIES = [
  "synchronous",
  "local-sgd:H=8",
  "local-sgd:H=8,post=1000",
  "local-sgd:H=8,alpha=0.004",
  "dasgd:H=8",
  "slowmo:H=8",
  "diloco:H=50",
  "easgd:H=8",
  "admm:H=8",
  "sequential",
];
const config = {
  dataset: "mnist",
  layers: [784, 128, 32],
  batch: 128,
  epochs: Number(epochs),
  evaluateEvery: Number(epochs),
  checkpointEvery: Number(epochs),
};
const folder = await mkdtemp(join(tmpdir(), "dawnpour-strategies-"));

/** Trains once. Returns the test error and the seconds that it took. */
async function sse(text, count) {
  const [name, pairs = ""] = text.split(":");
  const options = Object.fromEntries(pairs.split(",").filter(Boolean).map(pair));
  const out = join(folder, text.replaceAll(/\W/g, "-") + count);
  const started = performance.now();
  const run = await train(
    { ...config, parts: count, strategy: { name, options } },
    { out, workers: 1, device: "cpu", pca: false },
  );
  run.close();
  return { error: run.measures.errors.test.sse, seconds: (performance.now() - started) / 1000 };
}

const pair = (text) => {
  const [key, value] = text.split("=");
  return [key, Number(value)];
};

try {
  const alone = await sse("synchronous", 1);
  console.log(`one part: test SSE ${alone.error.toFixed(3)}`);
  console.log(`| strategy, ${parts} parts | test SSE | beside one part | seconds |\n| --- | --- | --- | --- |`);
  for (const strategy of asked.length > 0 ? asked : STRATEGIES) {
    const { error, seconds } = await sse(strategy, Number(parts));
    console.log(`| ${strategy} | ${error.toFixed(3)} | ${(error / alone.error).toFixed(3)} | ${seconds.toFixed(0)} |`);
  }
} finally {
  await rm(folder, { recursive: true });
}
