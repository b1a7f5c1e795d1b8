// Trains an autoencoder on generated digits, then turns some into codes of 16 numbers: node examples/train-digits.mjs
import { data, train } from "dawnpour";

const { dataset, autoencoder, measures, folder, close } = await train({
  dataset: "digits:5000",
  layers: [784, 256, 16],
  activation: "gelu",
  lr: 2e-3,
  schedule: "cosine",
  batch: 64,
  epochs: 6,
});
const { test, pca } = measures.errors;
console.log(`squared error of an image: ${test.sse.toFixed(1)}, by PCA ${pca.test.sse.toFixed(1)}`);
console.log(`report: ${folder.path}/report.html`);

const codes = await autoencoder.encode(data.sliceSplit(dataset.test, 0, 3));
for (let i = 0; i < 3; i++) {
  console.log(`a ${dataset.test.labels[i]}:`, ...codes.subarray(i * 16, (i + 1) * 16).map(Math.round));
}
close();
