// Private training on MNIST at epsilon 0.5, 2 and 8, delta 1e-5: the accuracy of a dense network, beside Abadi et al. 2016.
//   DAWNPOUR_DATA=... node bench/privacy/mnist.mjs [epsilon ...]
//
// Abadi et al. train on 60 principal components, which they compute with noise of their own. Here the inputs are the 9 x 9 lowest
// frequencies of a picture (its discrete cosine transform), without the mean, scaled to one length. They are computed from the picture
// alone, so they cost no privacy. The network is 81-300-10 with ReLU; the epsilon is that of the loss distribution (PRV).
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { datasetInMemory, loadDataset, train } from "dawnpour";
import { noiseFor } from "../../dist/privacy/account.js";

const [SIDE, FREQUENCIES, LENGTH] = [28, 9, 8];
const [ROWS, BATCH, DELTA] = [60_000, 4096, 1e-5];
/** The accuracy that is published, and the passes over the rows here, by epsilon. */
const TARGETS = { 0.5: [0.9, 20], 2: [0.95, 40], 8: [0.97, 60] };

/** Row u is the cosine of frequency u. */
const cosines = Array.from({ length: FREQUENCIES }, (_, u) =>
  Array.from(
    { length: SIDE },
    (_, i) => Math.cos((Math.PI * (i + 0.5) * u) / SIDE) * Math.sqrt((u > 0 ? 2 : 1) / SIDE),
  ),
);

function lowFrequencies({ images, count }) {
  const size = FREQUENCIES ** 2;
  const out = new Float32Array(count * size);
  for (let row = 0; row < count; row++) {
    const picture = images.subarray(row * SIDE ** 2, (row + 1) * SIDE ** 2);
    const found = transformed(picture);
    found[0] = 0;
    const norm = Math.hypot(...found);
    for (let i = 0; i < size; i++) out[row * size + i] = (LENGTH * found[i]) / norm;
  }
  return out;
}

function transformed(picture) {
  const lines = Array.from({ length: SIDE }, (_, y) =>
    cosines.map((wave) => wave.reduce((sum, c, x) => sum + c * picture[y * SIDE + x], 0)),
  );
  return cosines.flatMap((wave) => cosines.map((_, u) => wave.reduce((sum, c, y) => sum + c * lines[y][u], 0)));
}

const folder = await mkdtemp(join(tmpdir(), "dawnpour-privacy-"));
try {
  const { train: rows, test } = await loadDataset("mnist");
  const dataset = datasetInMemory({
    ...{ name: "frequencies", features: FREQUENCIES ** 2, scale: 1 },
    ...{ train: lowFrequencies(rows), trainLabels: rows.labels, test: lowFrequencies(test), testLabels: test.labels },
  });
  const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(TARGETS);
  console.log(
    "| epsilon | noise | steps | published | here | epsilon by PRV | seconds |\n| --- | --- | --- | --- | --- | --- | --- |",
  );
  for (const epsilon of wanted) {
    const [published, epochs] = TARGETS[epsilon] ?? [Number.NaN, 40];
    const steps = Math.ceil((epochs * ROWS) / BATCH);
    const noise = noiseFor({ rate: BATCH / ROWS, steps }, { epsilon: Number(epsilon), delta: DELTA });
    const run = await train(
      {
        ...{ dataset, task: "classify", layers: [FREQUENCIES ** 2, 300, 10], activation: "relu", standardise: false },
        ...{ optimizer: "adam", lr: 0.005, schedule: "constant", batch: BATCH, steps, checkpointEvery: epochs },
        strategy: { name: "private", options: { noise, clip: 0.5, delta: DELTA } },
      },
      { out: join(folder, epsilon), device: "cpu" },
    );
    const { accuracy } = run.measures.test;
    console.log(
      `| ${epsilon} | ${noise} | ${steps} | ${100 * published} % | ${(100 * accuracy).toFixed(2)} % | ${run.privacy.epsilon.toFixed(3)} | ${run.seconds.toFixed(0)} |`,
    );
    run.close();
  }
} finally {
  await rm(folder, { recursive: true });
}
