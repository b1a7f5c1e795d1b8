// Rounds of federated averaging until a network classifies 97 % of the test images of MNIST, beside McMahan et al. 2017, table 1:
// 2NN = 784-200-200-10 with ReLU, 100 clients, one epoch in batches of 10 (E = 1, B = 10). The learning rate is the one argument that
// the paper does not print: it is the best of its grid, whose steps are a factor of 10^(1/3).
//   DAWNPOUR_DATA=... node bench/federated/fedavg.mjs [C = 0.1] [iid | labels] [learning rate ...] [--most rounds]
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { train } from "dawnpour";

const { positionals, values } = parseArgs({ allowPositionals: true, options: { most: { type: "string" } } });
const [share = "0.1", kind = "iid", ...rates] = positionals;
const C = Number(share);
const PUBLISHED = { "0.1 iid": 87, "0.1 labels": 664, "1 iid": 70, "1 labels": 380 };
const [CLIENTS, B, ROWS, TARGET] = [100, 10, 60_000, 0.97];
const published = PUBLISHED[`${C} ${kind}`];
const most = Number(values.most ?? published ?? 100);
/** Steps of a round: each client has 600 rows. */
const STEPS = ROWS / CLIENTS / B;
const folder = await mkdtemp(join(tmpdir(), "dawnpour-fedavg-"));

/** The first round after which the target is reached, if there is one, the best accuracy, and the seconds. */
async function rounds(lr) {
  const stop = new AbortController();
  const found = { round: undefined, best: 0 };
  const observer = ({ event, step, test }) => {
    if (event !== "metrics") return;
    found.best = Math.max(found.best, test.accuracy);
    if (test.accuracy < TARGET || found.round !== undefined) return;
    found.round = step / STEPS;
    stop.abort();
  };
  const run = await train(
    {
      ...{ dataset: "mnist", task: "classify", layers: [784, 200, 200, 10], activation: "relu" },
      ...{ optimizer: "sgd", lr, schedule: "constant", batch: CLIENTS * B, parts: CLIENTS, steps: most * STEPS },
      // With a batch of ten rows for each client of all, a round counts as an epoch: the accuracy is measured after each.
      ...{ evaluateEvery: 1, checkpointEvery: most },
      strategy: { name: "federated", options: { C, E: 1, B, ...(kind === "labels" && { labels: 2 }) } },
    },
    { out: join(folder, String(lr)), workers: 1, device: "cpu", signal: stop.signal, observer, measures: false },
  );
  run.close();
  return { ...found, seconds: run.seconds };
}

try {
  console.log(
    `C = ${C}, ${kind}: published ${published ?? "no figure"}\n| learning rate | rounds to 97 % | best accuracy | seconds |`,
  );
  console.log("| --- | --- | --- | --- |");
  for (const lr of rates.length > 0 ? rates : [0.1]) {
    const { round, best, seconds } = await rounds(Number(lr));
    console.log(`| ${lr} | ${round ?? `not in ${most}`} | ${(100 * best).toFixed(2)} % | ${seconds.toFixed(0)} |`);
  }
} finally {
  await rm(folder, { recursive: true });
}
