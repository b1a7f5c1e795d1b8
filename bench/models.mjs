/**
 * Models of one's own as cases: a classifier 784-512-512-10 and a variational autoencoder with a code of 20 numbers, in batches of 128.
 * Dawnpour derives the gradients of both, and its steps do what `fit` does.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { layers, losses, optimizers } from "dawnpour";
import { benchmarks, openDevice, Random } from "dawnpour/kernels";
import { learnedModel } from "../dist/model/learned.js";
import { modelStep } from "../dist/model/model-program.js";
import { initialVector } from "../dist/model/tensors.js";
import { stepScalars } from "../dist/optimizer/chain-ops.js";

const BATCH = 128;
const PIXELS = 784;
const CLASSES = 10;
const RATE = 1e-3;
const CHECKED_STEPS = 3;
/** Each library draws noise of its own, which moves the loss of a batch a little. */
const LOSS_TOLERANCE = { classifier: 1e-3, vae: 5e-3 };

const { dense, gaussianSampler, sequential } = layers;
const relu = (units) => dense(units, { activation: "relu" });

const MODELS = {
  classifier: {
    name: "classifier 784-512-512-10",
    model: () => sequential([relu(512), relu(512), dense(CLASSES)]),
    loss: () => losses.crossEntropy(),
    targets: 1,
  },
  vae: {
    name: "VAE 784-500-500-20",
    model: () => sequential([relu(500), relu(500), gaussianSampler(20), relu(500), relu(500), dense(PIXELS)]),
    // The cross-entropy of an image, summed over its pixels.
    loss: () => losses.weighted([PIXELS, losses.bce()]),
    targets: PIXELS,
  },
};

export const modelCases = (folder) => Object.keys(MODELS).map((kind) => modelCase(kind, folder));

function modelCase(kind, folder, seed = 0) {
  const { name } = MODELS[kind];
  const learned = learn(kind);
  const { layout, parameters } = learned;
  const files = { parameters: join(folder, "parameters"), input: join(folder, "input") };
  const { flops, bytesRead, bytesWritten } = benchmarks.costOf(program(kind, learned));
  const random = new Random(seed, 0);
  const input = Float32Array.from({ length: BATCH * PIXELS }, () => random.below(256) / 255);
  const labels = Array.from({ length: BATCH }, () => random.below(CLASSES));
  const test = {
    ...files,
    kind: "model",
    model: kind,
    name: `${name} batch ${BATCH}`,
    precision: "f32",
    batch: BATCH,
    labels,
  };
  return {
    ...{
      ...test,
      layers: layersOf(layout),
      rate: RATE,
      checkedSteps: CHECKED_STEPS,
      flops,
      bytes: bytesRead + bytesWritten,
    },
    async prepare() {
      const first = initialVector(parameters, layout, seed);
      writeFloats(files.parameters, first);
      writeFloats(files.input, input);
      const device = await openDevice({ device: "cpu", arithmetic: "fma" });
      const training = await trainingOf(device, test, first, input);
      const want = [];
      for (let step = 0; step < CHECKED_STEPS; step++) {
        training.run(1);
        want.push(await training.loss());
      }
      device.destroy();
      return ({ losses: got }) => checkLosses(got, want, LOSS_TOLERANCE[kind]);
    },
  };
}

function learn(kind) {
  const { model, loss, targets } = MODELS[kind];
  return learnedModel({ model: model(), loss: loss(), features: PIXELS, targets, precision: "f32" });
}

function program(kind, learned) {
  const classes = kind === "classifier";
  const source = { type: "f32", count: BATCH, scale: 1, target: classes ? "own" : "input", classes };
  return modelStep(learned, { source, batch: BATCH, parts: 1, seed: 1, optimizer: optimizer() });
}

const optimizer = () => optimizers.adam({ learningRate: RATE });

/** The layers in the order of their tensors, as peers need them. The code and the output of a model have no activation. */
function layersOf({ tensors }) {
  const weights = tensors.filter(({ name }) => name.endsWith("weight"));
  return weights.map(({ name, rows, columns, offset }, i) => {
    const bias = tensors[tensors.findIndex((tensor) => tensor.name === name) + 1].offset;
    const isLinear = /mean|logVariance/.test(name) || i === weights.length - 1;
    return { inputs: rows, outputs: columns, activation: isLinear ? "linear" : "relu", weight: offset, bias };
  });
}

/** Steps of a model on a device of ours: the rows and the scalars are written for each step, as `fit` writes them. */
export async function trainingOf(device, { model: kind, labels }, parameters, input) {
  const learned = learn(kind);
  const executable = await device.compile(program(kind, learned));
  const write = (name, values) => executable.buffer(name).write(values);
  write("source", input);
  write("parameters", parameters);
  if (kind === "classifier") write("targets", Float32Array.from(labels));
  const rows = Uint32Array.from({ length: BATCH }, (_, i) => i);
  const rule = optimizer();
  let step = 0;
  let sum = 0;
  return {
    run(times) {
      for (let i = 0; i < times; i++) {
        write("rows", rows);
        const scalars = stepScalars(rule, { step: step++, total: 1000 });
        for (const [name, values] of Object.entries(scalars)) write(name, values);
        executable.run();
      }
    },
    idle: () => device.idle(),
    /** Of the latest step, where it is asked for after each. */
    async loss() {
      const before = sum;
      [sum] = await executable.buffer("metrics").read(0, 1);
      return sum - before;
    },
    destroy: () => executable.destroy(),
  };
}

function checkLosses(got, want, tolerance) {
  const wrong = got.findIndex((loss, i) => !(Math.abs(loss - want[i]) <= tolerance * want[i]));
  if (wrong >= 0) throw new Error(`the loss of step ${wrong + 1} is ${got[wrong]}, and should be ${want[wrong]}`);
}

function writeFloats(path, values) {
  writeFileSync(path, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
}
