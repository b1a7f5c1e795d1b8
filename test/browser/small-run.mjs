/** A small whole run, the same in a browser and in Node: what `dawnpour/webgpu` makes of generated digits. */
import {
  Autoencoder,
  DEFAULT_SCHEDULE,
  data,
  defaultOptimizer,
  fit as fitModel,
  layers,
  losses as modelLosses,
  openDevice,
  parametersSha256,
  Trainer,
} from "dawnpour/webgpu";

const STEPS = 40;

/** @param {GPU} gpu */
export async function smallRun(gpu) {
  const device = await openDevice({ gpu });
  const { train } = data.digitsDataset({ count: 120, seed: 3 });
  const model = new Autoencoder({
    ...{ layers: [784, 40, 10], activation: "gelu", codeActivation: "linear", outputActivation: "sigmoid" },
    initialiser: "orthogonal",
  });
  const trainer = await Trainer.create({
    ...{ device, model, split: train, batch: 30, loss: "bce", clip: 1, seed: 1, totalSteps: STEPS },
    ...{ optimizer: defaultOptimizer("adam"), schedule: { ...DEFAULT_SCHEDULE, name: "cosine", warmup: 10 } },
  });
  const losses = await trainer.enqueue(STEPS);
  const { parameters } = await trainer.state();
  const fitted = await fittedVectors(device, train);
  device.destroy();
  return { parametersSha256: await parametersSha256(model, parameters), losses: [...losses], fitted };
}

/** What a classifier of layers with noise and statistics has learned. */
async function fittedVectors(device, { images, labels, features, scale }) {
  const { batchNorm, dense, dropout, sequential } = layers;
  const model = sequential([dense(12, { activation: "tanh" }), batchNorm(), dropout(0.2), dense(10)]);
  const options = { device, epochs: 2, batch: 40, parts: 2, keepBest: false };
  const result = await fitModel(model, modelLosses.crossEntropy(), { x: images, labels, features, scale }, options);
  const { parameters, state } = await result.model.vectors();
  result[Symbol.dispose]();
  return [...parameters.subarray(0, 200), ...state];
}
