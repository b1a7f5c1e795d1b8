// A denoising autoencoder (Vincent et al. 2010) and a variational one (Kingma & Welling 2014) of MNIST, beside a plain autoencoder of the
// same network in the same run: how well each restores images of which a quarter of the pixels are blank.
// node examples/reproductions/denoising.mjs [--quick]
import { Random, train } from "dawnpour";
import { isQuick, printTable } from "./table.mjs";

const BLANK = 0.25;
const network = { dataset: "mnist", layers: [784, 500, 20], activation: "gelu", batch: 128, seed: 1 };
const length = isQuick ? { epochs: 1, limit: 5000 } : { epochs: 12, evaluateEvery: 6 };

/** The SSE of test images, and of restored ones. */
async function errorsOf(additions) {
  const run = await train({ ...network, ...length, ...additions }, { pca: false });
  const { images, scale, features } = run.dataset.test;
  const clean = Float32Array.from(images, (byte) => byte * scale);
  const random = new Random(7);
  const noisy = clean.map((value) => (random.uniform() < BLANK ? 0 : value));
  const restored = await run.autoencoder.reconstruct(noisy);
  const squared = restored.reduce((sum, value, i) => sum + (value - clean[i]) ** 2, 0);
  run.close();
  const seconds = `${run.seconds.toFixed(0)} s on ${run.device.name}`;
  return {
    clean: run.measures.errors.test.sse,
    restored: (squared * features) / clean.length,
    steps: run.step,
    seconds,
  };
}

const [plain, denoising, variational] = [
  await errorsOf({}),
  await errorsOf({ denoise: `mask:${BLANK}` }),
  await errorsOf({ variational: 1 }),
];
const row = (name, { clean, restored }) => [
  name,
  "no figure to compare with",
  `${clean.toFixed(2)} clean, ${restored.toFixed(2)} restored`,
];
printTable(
  "MNIST, 784-500-20 (SSE of a test image, and of one restored from a quarter of blank pixels)",
  [row("plain", plain), row("denoising", denoising), row("variational", variational)],
  `${plain.steps} steps of 128 each; ${plain.seconds} the first`,
);
