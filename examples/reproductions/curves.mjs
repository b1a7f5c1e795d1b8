// The autoencoder of curves of Hinton & Salakhutdinov 2006, 784-400-200-100-50-25-6, beside PCA.
// node examples/reproductions/curves.mjs [--quick]
import { train } from "dawnpour";
import { curves } from "./curves-data.mjs";
import { isQuick, printTable } from "./table.mjs";

const [many, few, epochs] = isQuick ? [2000, 500, 6] : [20_000, 10_000, 60];
const run = await train({
  dataset: { name: "curves", train: curves(many, 1), test: curves(few, 2), shape: [28, 28], scale: 1 },
  ...{ layers: [784, 400, 200, 100, 50, 25, 6], activation: "gelu", loss: "bce", lr: 2e-3, batch: 128, epochs },
  evaluateEvery: Math.ceil(epochs / 6),
});
const { test, pca } = run.measures.errors;
printTable(
  "Curves, 784-400-200-100-50-25-6 (SSE of a test picture; theirs were drawn in another way)",
  [
    ["autoencoder, 6 numbers", "1.44", test.sse.toFixed(2)],
    ["PCA, 6 numbers", "not given; logistic PCA: 7.64", pca.test.sse.toFixed(2)],
  ],
  `${run.step} steps of 128 in ${run.seconds.toFixed(0)} s on ${run.device.name}`,
);
run.close();
