// Bytes that parts exchange with each strategy and compressor, beside the test error at equal samples. Bytes up are counted as they
// were sent, without the work that was done again; bytes down are those of the sums. All runs have the same batches and the same
// schedule, which is much shorter than a full training.
//   DAWNPOUR_DATA=... node bench/distributed/payload.mjs [steps = 300] [layers = 784,1000,500,250,30] [run ...]
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compare } from "dawnpour/distributed";

const [steps = "300", layers = "784,1000,500,250,30", ...asked] = process.argv.slice(2);
const RUNS = [
  "synchronous",
  "diloco:H=100",
  "synchronous+f16",
  "synchronous+int8",
  "synchronous+onebit",
  "synchronous+topk:share=0.01",
  "synchronous+powersgd:rank=4",
];
const PARTS = 4;
const BATCH = 128;

/** `name:key=1` */
function choice(text) {
  const [name, pairs = ""] = text.split(":");
  const options = pairs.split(",").filter(Boolean);
  return {
    name,
    options: Object.fromEntries(options.map((pair) => [pair.split("=")[0], Number(pair.split("=")[1])])),
  };
}

const runs = (asked.length > 0 ? asked : RUNS).map((text) => {
  const [strategy, compress] = text.split("+");
  return { strategy: choice(strategy), ...(compress && { compress: choice(compress) }) };
});
const config = {
  ...{ dataset: "mnist", layers: layers.split(",").map(Number), parts: PARTS, batch: BATCH, steps: Number(steps) },
  ...{ evaluateEvery: 1000, checkpointEvery: 1000 },
};
const out = await mkdtemp(join(tmpdir(), "dawnpour-payload-"));
try {
  console.log("| run | bytes an image up | x fewer | down | x fewer | test SSE | seconds |");
  console.log("| --- | --- | --- | --- | --- | --- | --- |");
  let first;
  await compare(config, runs, {
    ...{ out, workers: 1, device: "cpu" },
    onDone({ strategy, payload, sse, seconds }) {
      first ??= payload;
      const times = (direction) => (first[direction] / payload[direction]).toFixed(1);
      const [up, down] = [payload.up, payload.down].map((bytes) => Math.round(bytes).toLocaleString("en"));
      console.log(
        `| ${strategy} | ${up} | ${times("up")} | ${down} | ${times("down")} | ${sse.toFixed(2)} | ${seconds.toFixed(0)} |`,
      );
    },
  });
} finally {
  await rm(out, { recursive: true });
}
