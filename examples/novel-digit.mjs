// Finds pictures of a digit that was not in training: their reconstruction is the worst. node examples/novel-digit.mjs
import { analysis, loadDataset, train } from "dawnpour";

const NOVEL = 0;
const { train: pictures, test } = await loadDataset("digits:4000");
const { features } = pictures;

/** The pictures of all digits but one. */
const kept = [...pictures.labels.keys()].filter((row) => pictures.labels[row] !== NOVEL);
const usual = new Uint8Array(kept.length * features);
for (const [i, row] of kept.entries()) {
  usual.set(pictures.images.subarray(row * features, (row + 1) * features), i * features);
}

const { autoencoder, dataset, close } = await train({
  dataset: { name: `digits without ${NOVEL}`, train: usual, shape: pictures.shape },
  layers: [features, 256, 16],
  activation: "gelu",
  lr: 2e-3,
  schedule: "cosine",
  batch: 64,
  epochs: 8,
});
const threshold = analysis.quantile(await autoencoder.score(dataset.train), 0.95);
const scores = await autoencoder.score(test);
const isNovel = (row) => test.labels[row] === NOVEL;
const found = (rows) => `${rows.filter((row) => scores[row] > threshold).length} of ${rows.length}`;
const rows = [...scores.keys()];
console.log(`AUC ${analysis.areaUnderRoc(scores, isNovel).toFixed(3)}`);
console.log(`above the threshold: ${found(rows.filter(isNovel))} novel pictures`);
console.log(`                     ${found(rows.filter((row) => !isNovel(row)))} others`);
close();
