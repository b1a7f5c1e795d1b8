// Membership inference by a threshold on the loss (Yeom et al. 2018): an attacker takes a row for a training row where its loss is low.
// Printed is the attacker's advantage, the greatest difference between the share of training rows and of other rows below a threshold:
// 0 is a guess, 1 is certainty. The network is trained for long on 1000 pictures of MNIST, without protection, and privately.
//   DAWNPOUR_DATA=... node bench/privacy/membership.mjs
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadDataset, train } from "dawnpour";
import { noiseFor } from "../../dist/privacy/account.js";

const [ROWS, BATCH, EPOCHS, DELTA] = [1000, 100, 60, 1e-5];
const steps = (EPOCHS * ROWS) / BATCH;
const folder = await mkdtemp(join(tmpdir(), "dawnpour-membership-"));

/** The cross-entropy of each row. */
async function losses(trained, split) {
  const outputs = await trained.predict(split);
  const classes = outputs.length / split.count;
  return Float64Array.from({ length: split.count }, (_, row) => {
    const logits = outputs.subarray(row * classes, (row + 1) * classes);
    const most = Math.max(...logits);
    return most + Math.log(logits.reduce((sum, x) => sum + Math.exp(x - most), 0)) - logits[split.labels[row]];
  });
}

function advantage(members, others) {
  const share = (all, threshold) => all.filter((loss) => loss <= threshold).length / all.length;
  return Math.max(...members.map((threshold) => share(members, threshold) - share(others, threshold)));
}

try {
  const { train: rows, test } = await loadDataset("mnist", { limit: ROWS });
  console.log("| protection | test | training rows | advantage |\n| --- | --- | --- | --- |");
  for (const epsilon of [undefined, 8, 2]) {
    const noise = epsilon && noiseFor({ rate: BATCH / ROWS, steps }, { epsilon, delta: DELTA });
    const run = await train(
      {
        ...{ dataset: "mnist", limit: ROWS, task: "classify", layers: [784, 256, 10], activation: "tanh" },
        ...{ optimizer: "adam", lr: 0.002, schedule: "constant", batch: BATCH, steps, evaluateEvery: EPOCHS },
        ...(noise && { strategy: { name: "private", options: { noise, clip: 1, delta: DELTA } } }),
      },
      { out: join(folder, String(epsilon)), device: "cpu" },
    );
    const { trained, measures } = run;
    const found = advantage(await losses(trained, rows), await losses(trained, test));
    const percent = (x) => `${(100 * x).toFixed(1)} %`;
    console.log(
      `| ${epsilon ? `private, epsilon ${epsilon}` : "none"} | ${percent(measures.test.accuracy)} | ${percent(measures.train.accuracy)} | ${found.toFixed(3)} |`,
    );
    run.close();
  }
} finally {
  await rm(folder, { recursive: true });
}
