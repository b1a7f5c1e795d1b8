/**
 * The runs that two commits are compared by. Every option of `dawnpour train` that decides a run's bits is given, so that
 * a default that changed between the commits changes nothing. Each optimizer, type, activation, loss, schedule and
 * initialiser is in one of them; f16 and bf16 on the CPU only, for SwiftShader has no shader-f16.
 */

/** The options of a run that has no others. Batches of 48 make three parts of sixteen rows. */
const COMMON = {
  dataset: "digits:600",
  augment: "none",
  layers: "784,72,20",
  activation: "gelu",
  codeActivation: "linear",
  outputActivation: "sigmoid",
  loss: "bce",
  initialiser: "glorot",
  lr: 0.002,
  weightDecay: 0.001,
  clip: 1,
  schedule: "constant",
  warmup: 4,
  decayEvery: 9,
  decayFactor: 0.5,
  lrFloor: 0.1,
  batch: 48,
  shards: 1,
  precision: "f32",
  arithmetic: "fma",
  steps: 30,
  seed: 7,
  evaluateEvery: 1,
  checkpointEvery: 1,
  keep: 3,
};

const SGD = { optimizer: "sgd", lr: 0.05 };
const MOMENTUM = { optimizer: "momentum", momentum: 0.9, lr: 0.02 };
const NESTEROV = { optimizer: "nesterov", momentum: 0.9, lr: 0.02 };
const ADAGRAD = { optimizer: "adagrad", epsilon: 1e-8, lr: 0.02 };
const RMSPROP = { optimizer: "rmsprop", rho: 0.9, epsilon: 1e-8 };
const ADADELTA = { optimizer: "adadelta", rho: 0.95, epsilon: 1e-6, lr: 1 };
const ADAM = { optimizer: "adam", beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
const ADAMW = { ...ADAM, optimizer: "adamw", weightDecay: 0.01 };
const MSE = { loss: "mse", outputActivation: "linear", lr: 0.001 };

const CPU = { device: "cpu", threads: 2 };
const GPU = { device: "webgpu", adapter: "SwiftShader", tune: false };
const WORKERS = { device: "cpu", threads: 1, shards: 3 };
/** Options without clipping. A stage has only a part of the gradient, so it cannot compute the norm. */
const PIPELINE = { devices: "cpu:1*3", pipeline: true, shards: 4, clip: undefined };

const WORKER_FAULTS =
  "kill worker-1 at step 6; flip a gradient bit of worker-2 at step 14; cut worker-0 for 2s at step 21";
const STAGE_FAULTS = "lose device-1 at step 8; kill worker-2 at step 18";

const VARIANTS = [
  ["cpu f32 sgd", { ...CPU, ...MSE, ...SGD, activation: "tanh", schedule: "step" }],
  ["cpu f32 adadelta", { ...CPU, ...ADADELTA, activation: "sigmoid", initialiser: "sparse", augment: "shift" }],
  ["cpu f16 momentum", { ...CPU, ...MOMENTUM, precision: "f16", schedule: "linear", initialiser: "he" }],
  ["cpu bf16 nesterov", { ...CPU, ...NESTEROV, precision: "bf16", activation: "relu", initialiser: "orthogonal" }],
  ["swiftshader f32 adagrad", { ...GPU, ...MSE, ...ADAGRAD, activation: "leaky-relu", initialiser: "lecun" }],
  ["swiftshader f32 rmsprop", { ...GPU, ...RMSPROP, schedule: "cosine" }],
  ["1 worker f32 adam", { ...WORKERS, ...ADAM, workers: 1, schedule: "cosine" }],
  ["3 workers f16 adamw", { ...WORKERS, ...ADAMW, workers: 3, precision: "f16" }],
  ["3 workers f32 adam, faults", { ...WORKERS, ...ADAM, workers: 3, schedule: "cosine", faults: WORKER_FAULTS }],
  ["1 worker swiftshader f32 adam", { ...GPU, ...ADAM, workers: 1, shards: 3 }],
  ["pipeline f32 adam", { ...PIPELINE, ...ADAM }],
  ["pipeline f32 adam, faults", { ...PIPELINE, ...ADAM, faults: STAGE_FAULTS }],
];

/** @type {readonly { name: string, options: Readonly<Record<string, unknown>> }[]} */
export const RUNS = VARIANTS.map(([name, options]) => ({ name, options: { ...COMMON, ...options } }));

/**
 * Runs that stop on the way in the one commit and go on in the other: a checkpoint of the one is read by the other. Their rate
 * does not depend on their length.
 */
export const RESUMED = RUNS.filter(({ name }) => ["cpu bf16 nesterov", "3 workers f16 adamw"].includes(name));

/** `options` as the words of a command line. */
export function words(options) {
  return Object.entries(options).flatMap(([key, value]) => {
    const option = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    if (value === undefined) return [];
    if (value === false) return [`--no-${option}`];
    return value === true ? [`--${option}`] : [`--${option}`, String(value)];
  });
}
