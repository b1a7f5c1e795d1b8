/**
 * What is measured: products, and whole training steps of the two reference networks. A case carries its operands in
 * files, what its result is checked against, and what it costs: the arithmetic that the work takes, and the fewest bytes
 * that it can move, whatever a contestant makes of it.
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

/** What `dawnpour bench gemm` measures, and a tall panel, as far as no side is longer than `largest`. */
export function gemmShapes(largest) {
  return [...benchmarks.defaultShapes(), PANEL].filter(({ m, n, k }) => Math.max(m, n, k) <= largest);
}

/**
 * A case in f32 goes by the name of its work, one in another precision by both. Operands of a product in less are of it
 * exactly, so that a peer's result is compared with the exact one, whatever it converts.
 */
const named = (name, precision) => (precision === "f32" ? name : `${name} ${precision}`);
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
/** Sums are f32 throughout; most peers round the result as they store it. */
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

/** Different rows in a batch: it repeats them, so the mean loss and gradient are those of these rows alone. */
const ROWS = 8;
const CHECKED_STEPS = 3;
/** In f32 wide enough for a peer that adds a million squares one after the other: 3e-4 off. */
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
    // Dawnpour goes by the sizes up to the code, peers by all layers.
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

/** The losses before each of the first updates, in double precision. */
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
