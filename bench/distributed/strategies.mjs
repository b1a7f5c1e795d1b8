// The final test error of every strategy, compared with that of one part, on the reference network (preset hinton2006). All runs
// have the same images, batches and schedule, and every part has its share of a batch. The bits of an invariant strategy do not
// depend on the number of workers, so one worker computes all parts.
//   DAWNPOUR_DATA=... node bench/distributed/strategies.mjs [--epochs 5] [--parts 4] [--layers 784,128,32] [strategy ...]
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { preset, train } from "dawnpour";

const STRATEGIES = [
  "synchronous",
  "stale:bound=3",
  "local-sgd:H=8",
  "local-sgd:H=8,post=1000",
  "local-sgd:H=8,alpha=0.004",
  "dasgd:H=8",
  "diloco:H=50",
  "slowmo:H=8",
  "easgd:H=8",
  "admm:H=8",
  "sequential",
  "downpour",
];
const command = new Command("strategies")
  .option("--epochs <count>", "length of each run", Number, 5)
  .option("--parts <count>", "parts of every run but the first", Number, 4)
  .option("--layers <sizes>", "the encoder; default: that of the reference network")
  .argument("[strategies...]", "default: all")
  .parse();
const { epochs, parts, layers } = command.opts();
const config = {
  ...preset("hinton2006"),
  ...(layers && { layers: layers.split(",").map(Number) }),
  ...{ epochs, evaluateEvery: epochs, checkpointEvery: epochs },
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
  console.log(`one part: test SSE ${alone.error.toFixed(3)}, ${alone.seconds.toFixed(0)} s`);
  console.log(`| strategy, ${parts} parts | test SSE | beside one part | seconds |\n| --- | --- | --- | --- |`);
  for (const strategy of command.args.length > 0 ? command.args : STRATEGIES) {
    const { error, seconds } = await sse(strategy, parts);
    console.log(`| ${strategy} | ${error.toFixed(3)} | ${(error / alone.error).toFixed(3)} | ${seconds.toFixed(0)} |`);
  }
} finally {
  await rm(folder, { recursive: true });
}
