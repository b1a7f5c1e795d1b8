/**
 * The cases that are measured: products, and whole training steps of the two reference networks. A case has its operands in
 * files, the result that a contestant's is checked against, and the cost of the work: its arithmetic operations, and the
 * fewest bytes that any contestant must move for it.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  benchmarks,
  defaultOptimizer,
  fromFloat16Array,
  openDevice,
  Random,
  steps,
  toFloat16Array,
} from "dawnpour/kernels";
import { checkProduct, normal } from "../dist/benchmark/gemm.js";
import { gemmName } from "../dist/benchmark/gemm-shapes.js";
import { benchmarkModel, benchmarkProgram } from "../dist/benchmark/step.js";

const FLOAT_BYTES = 4;
const RATE = 1e-3;

const PANEL = { m: 4096, n: 784, k: 1024, transposeA: false, transposeB: false };

/** The products of `dawnpour bench gemm` and one of a tall panel. Products with a side longer than `largest` are left out. */
export function gemmShapes(largest) {
  return [...benchmarks.defaultShapes(), PANEL].filter(({ m, n, k }) => Math.max(m, n, k) <= largest);
}

/** The name of a case: that of its work, then its precision, unless that is f32. */
const named = (name, precision) => (precision === "f32" ? name : `${name} ${precision}`);
/**
 * Rounds operands to the precision of the case. A contestant that converts them then loses nothing, and every result can be
 * compared with the exact one.
 */
const EXACTLY = {
  f32: (values) => values,
  f16: (values) => fromFloat16Array(toFloat16Array(values)),
  bf16(values) {
    const bits = new Uint32Array(values.buffer);
    bits.forEach((each, i) => {
      bits[i] = each & 0xffff_0000;
    });
    return values;
  },
};
/** The error that a product may have. All contestants add in f32, but most peers round the result when they store it. */
const PRODUCT_TOLERANCE = { f32: 1e-5, f16: 1e-3, bf16: 5e-3 };

export function gemmCase(shape, precision, folder, seed = 0) {
  const { m, n, k } = shape;
  const files = { a: join(folder, "a"), b: join(folder, "b"), out: join(folder, "out") };
  const name = named(gemmName(shape), precision);
  const tolerance = PRODUCT_TOLERANCE[precision];
  return {
    ...shape,
    ...files,
    kind: "gemm",
    name,
    precision,
    flops: 2 * m * n * k,
    bytes: FLOAT_BYTES * (m * k + k * n + m * n),
    prepare() {
      const a = EXACTLY[precision](normal(m * k, new Random(seed, 0)));
      const b = EXACTLY[precision](normal(k * n, new Random(seed, 1)));
      writeFloats(files.a, a);
      writeFloats(files.b, b);
      return () => checkProduct(name, shape, a, b, readFloats(files.out), new Random(seed, 2), tolerance);
    },
  };
}

/** The number of different rows in a batch. The batch repeats them, so its mean loss and gradient are those of these rows. */
const ROWS = 8;
const CHECKED_STEPS = 3;
/** The error that a loss may have. One peer adds a million squares in f32 one after the other, and is 3e-4 off. */
const LOSS_TOLERANCE = { f32: 1e-3, f16: 1e-2, bf16: 1e-2 };

export function stepCases(precision, folder) {
  return benchmarks.STEP_SHAPES.map((shape) => stepCase(shape, precision, folder));
}

function stepCase({ layers, batch }, precision, folder, seed = 0) {
  const model = benchmarkModel(layers);
  const files = { parameters: join(folder, "parameters"), input: join(folder, "input") };
  const { flops, bytesRead, bytesWritten } = benchmarks.costOf(benchmarkProgram(model, batch));
  return {
    ...files,
    kind: "step",
    name: named(`${model.name} batch ${batch}`, precision),
    precision,
    batch,
    // Dawnpour makes its model from the sizes up to the code. Peers need all layers.
    sizes: layers,
    layers: model.layers.map((layer) => layerOf(model, layer)),
    rate: RATE,
    checkedSteps: CHECKED_STEPS,
    flops,
    bytes: bytesRead + bytesWritten,
    async prepare() {
      const random = new Random(seed, 0);
      const images = Uint8Array.from({ length: ROWS * model.inputSize }, () => random.below(256));
      const rows = Float32Array.from(images, (value) => value / 255);
      const input = new Float32Array(batch * model.inputSize);
      for (let row = 0; row < batch; row += ROWS) input.set(rows, row * model.inputSize);
      writeFloats(files.parameters, model.initialParameters(seed));
      writeFloats(files.input, input);
      const want = await referenceLosses(model, images, seed);
      return ({ losses }) => losses && checkLosses(losses, want, LOSS_TOLERANCE[precision]);
    },
  };
}

function layerOf(model, { name, inputs, outputs, activation }) {
  const offset = (tensor) => model.layout.tensor(`${name}.${tensor}`).offset;
  return { inputs, outputs, activation, weight: offset("weight"), bias: offset("bias") };
}

/** The loss before each of the first updates, in double precision. */
async function referenceLosses(model, images, seed) {
  const device = await openDevice({ device: "reference" });
  const executable = await device.compile(benchmarkProgram(model, ROWS));
  const rule = steps.updateRule(defaultOptimizer("adam"));
  executable.buffer("source").write(images);
  executable.buffer("parameters").write(model.initialParameters(seed));
  executable.buffer("rows").write(Uint32Array.from({ length: ROWS }, (_, row) => row));
  const losses = [];
  for (let step = 0; step < CHECKED_STEPS; step++) {
    const scalars = new Float32Array(steps.UPDATE_SCALARS);
    steps.writeScalars(scalars, 0, rule, RATE, step);
    executable.buffer("scalars").write(scalars);
    executable.buffer("cursor").write(Uint32Array.of(0));
    executable.run();
    losses.push((await executable.buffer("losses", "f32").read(0, 1))[0]);
  }
  device.destroy();
  return losses;
}

function checkLosses(got, want, tolerance) {
  const wrong = got.findIndex((loss, i) => !(Math.abs(loss - want[i]) <= tolerance * want[i]));
  if (wrong >= 0) throw new Error(`the loss of step ${wrong + 1} is ${got[wrong]}, and should be ${want[wrong]}`);
}

function readFloats(path) {
  const bytes = readFileSync(path);
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / FLOAT_BYTES);
}

function writeFloats(path, values) {
  writeFileSync(path, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
}
