// A linear autoencoder finds the subspace of PCA (Baldi & Hornik 1989), here on three worker processes of which two are killed on the
// way, by L-BFGS over all images; the axes within the subspace are exact, too. node examples/reproductions/linear-pca.mjs [--quick]
import { analysis, openDevice, train } from "dawnpour";
import { isQuick, printTable } from "./table.mjs";

const CODE = 8;
const [limit, epochs] = isQuick ? [500, 600] : [2000, 1500];
const run = await train(
  {
    ...{ dataset: "mnist", limit, layers: [784, CODE], activation: "linear", outputActivation: "linear", loss: "mse" },
    ...{ parts: 3, batch: limit, epochs, evaluateEvery: epochs, strategy: { name: "sandblaster", options: { m: 10 } } },
  },
  {
    workers: 3,
    device: "cpu",
    faults: `kill worker-1 at step ${Math.round(epochs / 4)}; kill coordinator at step ${Math.round(epochs / 2)}`,
  },
);
const decoder = run.model.layout.part(run.parameters, "decoder.0.weight");
const matrix = { rows: CODE, columns: 784, values: Float64Array.from(decoder) };
const device = await openDevice({ device: "cpu" });
const covariance = await analysis.computeCovariance(device, run.dataset.train);
const pca = await analysis.pcaOf(device, covariance, CODE);
const angles = analysis.principalAngles(matrix, pca.components);
const axes = analysis.principalAxes(matrix, covariance);
const along = (i) =>
  Math.abs(
    axes.components.values
      .subarray(784 * i, 784 * (i + 1))
      .reduce((sum, x, j) => sum + x * pca.components.values[784 * i + j], 0),
  );
const degrees = (radians) => `${((180 * radians) / Math.PI).toPrecision(3)} degrees`;
printTable(
  `MNIST, ${limit} images, 784-${CODE}-784, linear, against PCA`,
  [
    ["largest angle between the subspaces", "0 degrees", degrees(Math.max(...angles))],
    [
      "worst of the axes",
      "0 degrees",
      degrees(Math.acos(Math.min(1, Math.min(...Array.from({ length: CODE }, (_, i) => along(i)))))),
    ],
    ["SSE of test images", run.measures.errors.pca.test.sse.toFixed(4), run.measures.errors.test.sse.toFixed(4)],
  ],
  `${run.step} steps over all images in ${run.seconds.toFixed(0)} s, three workers, a worker and the coordinator killed`,
);
device.destroy();
run.close();
