/**
 * Whole training steps of the two reference networks: ReLU hidden layers, sigmoid output, mean squared error and Adam,
 * on random input. Before a time counts, the measured program and the float64 reference take the same step: the batch
 * repeats a few rows, so that its mean loss and gradient are those of these rows.
 */

import { costOf } from "../device/cost/cost.js";
import { type Device, type Executable, f32Buffer } from "../device/device.js";
import { openReferenceDevice } from "../device/reference/reference-device.js";
import { DawnpourError } from "../error.js";
import { Autoencoder } from "../model/autoencoder.js";
import { LOSS_SCALE, trainingProgram } from "../model/lower.js";
import { defaultOptimizer, updateRule, writeScalars } from "../optimizer/optimizer.js";
import type { Float } from "../program/buffer.js";
import { FIRST_LOSS_SCALE, UPDATE_SCALARS } from "../program/op.js";
import { Random } from "../world/random.js";
import type { Clock } from "../world/world.js";
import { type BenchmarkOptions, measure, type Timing } from "./measure.js";

/** A network and the images of a step. */
export interface StepShape {
  /** Input, hidden and code sizes. */
  readonly layers: readonly number[];
  readonly batch: number;
}

/** Time of one training step, and its speed (flops as `costOf` counts them). */
export interface StepResult extends Timing {
  readonly name: string;
  /** All sizes, mirror included, joined by `-`. */
  readonly network: string;
  readonly batch: number;
  readonly gflops: number;
}

/** The two reference networks at batches 128 and 1024. */
export const STEP_SHAPES: readonly StepShape[] = [
  [784, 256, 32],
  [784, 1000, 500, 250, 30],
].flatMap((layers) => [128, 1024].map((batch) => ({ layers, batch })));

/** `784-256-32-256-784 batch 128` */
export const stepName = ({ layers, batch }: StepShape): string => `${benchmarkModel(layers).name} batch ${batch}`;

/** Different images in the data set that steps draw from. */
const IMAGES = 4096;
const CHECKED_ROWS = 8;
const RULE = updateRule(defaultOptimizer("adam"));

/**
 * Times training steps on `device`.
 * @throws DawnpourError when a step differs from the reference
 * @example
 * ```ts
 * import { nodeWorld } from "dawnpour/actors";
 * import { benchmarks, openDevice } from "dawnpour/kernels";
 *
 * await using device = await openDevice({ device: "cpu" });
 * const shape = { layers: [32, 16, 4], batch: 8 };
 * const { network, medianMs } = await benchmarks.step(device, nodeWorld().clock, shape);
 * console.log(network, medianMs > 0); // 32-16-4-16-32 true
 * ```
 */
export async function benchmarkStep(
  device: Device,
  clock: Clock,
  shape: StepShape,
  { precision = "f32", seed = 0, tune }: BenchmarkOptions = {},
): Promise<StepResult> {
  const model = benchmarkModel(shape.layers);
  const network = model.name;
  const program = benchmarkProgram(model, shape.batch, precision, device.info.kind === "cpu");
  await tune?.(program);
  const executable = await device.compile(program);
  try {
    const images = randomImages(IMAGES * model.inputSize, seed);
    await checkStep(device, executable, model, { batch: shape.batch, images, precision, seed });
    load(executable, model, images, seed, randomRows(shape.batch, seed));
    const timing = await measure(device, executable, clock);
    const { flops } = costOf(program);
    return {
      name: stepName(shape),
      network,
      batch: shape.batch,
      ...timing,
      gflops: flops / (timing.medianMs * 1e6),
    };
  } finally {
    executable.destroy();
  }
}

export function benchmarkModel(layers: readonly number[]): Autoencoder {
  return new Autoencoder({
    layers,
    activation: "relu",
    codeActivation: "linear",
    outputActivation: "sigmoid",
    initialiser: "glorot",
  });
}

/** @param byLayer as training does it on that kind of device */
export function benchmarkProgram(model: Autoencoder, batch: number, precision: Float = "f32", byLayer = false) {
  const source = { type: "u8", count: IMAGES, scale: 1 / 255 } as const;
  return trainingProgram(model, { source, batch, loss: "mse", rule: RULE, window: 1, precision, byLayer });
}

function randomImages(length: number, seed: number): Uint8Array {
  const random = new Random(seed, 0);
  return Uint8Array.from({ length }, () => random.below(256));
}

function randomRows(batch: number, seed: number): Uint32Array {
  const random = new Random(seed, 1);
  return Uint32Array.from({ length: batch }, () => random.below(IMAGES));
}

function load(executable: Executable, model: Autoencoder, images: Uint8Array, seed: number, rows: Uint32Array): void {
  const scalars = new Float32Array(UPDATE_SCALARS);
  writeScalars(scalars, 0, RULE, 1e-3, 0);
  const zeros = new Float32Array(model.layout.length);
  executable.buffer("source").write(images);
  executable.buffer("parameters").write(model.initialParameters(seed));
  executable.buffer("state.first").write(zeros);
  executable.buffer("state.second").write(zeros);
  executable.buffer("rows").write(rows);
  executable.buffer("scalars").write(scalars);
  executable.buffer("cursor").write(Uint32Array.of(0));
  const mixed = executable.program.buffers.some(({ name }) => name === LOSS_SCALE);
  if (mixed) executable.buffer(LOSS_SCALE).write(Float32Array.from(FIRST_LOSS_SCALE));
}

/**
 * Largest errors, relative to the norm of the compared values. In f16 and bf16 the gradients of a ReLU network may
 * differ that much: a few units are so near to 0 that another order of a sum rounds them to the other side, where the
 * derivative differs (`bench/lab.md`). The loss and the gradients of the last layer do not depend on such derivatives
 * and agree closely.
 */
const TOLERANCES = {
  f32: { loss: 1e-5, last: 1e-5, others: 1e-4 },
  f16: { loss: 1e-3, last: 2e-3, others: 0.2 },
  bf16: { loss: 1e-3, last: 2e-2, others: 0.5 },
} as const satisfies Readonly<Record<Float, unknown>>;

interface CheckedStep {
  readonly batch: number;
  readonly images: Uint8Array;
  readonly precision: Float;
  readonly seed: number;
}

async function checkStep(
  device: Device,
  executable: Executable,
  model: Autoencoder,
  { batch, images, precision, seed }: CheckedStep,
): Promise<void> {
  const reference = openReferenceDevice();
  const small = await reference.compile(benchmarkProgram(model, CHECKED_ROWS, precision));
  load(
    executable,
    model,
    images,
    seed,
    Uint32Array.from({ length: batch }, (_, i) => i % CHECKED_ROWS),
  );
  load(
    small,
    model,
    images,
    seed,
    Uint32Array.from({ length: CHECKED_ROWS }, (_, i) => i),
  );
  for (const each of [executable, small]) each.run();
  const { loss, last, others } = TOLERANCES[precision];
  await checkTensors(device, model, "losses", executable, small, [{ name: "", offset: 0, length: 1, tolerance: loss }]);
  const output = model.layers[model.layers.length - 1].name;
  const tensors = model.layout.tensors.map(({ name, offset, rows, columns }) => ({
    name: ` of ${name}`,
    offset,
    length: rows * columns,
    tolerance: name.startsWith(`${output}.`) ? last : others,
  }));
  await checkTensors(device, model, "gradients", executable, small, tensors);
  reference.destroy();
}

interface CheckedTensor {
  readonly name: string;
  readonly offset: number;
  readonly length: number;
  readonly tolerance: number;
}

/** Compares parts of a buffer with the same parts of the reference's. */
async function checkTensors(
  device: Device,
  model: Autoencoder,
  buffer: string,
  executable: Executable,
  reference: Executable,
  tensors: readonly CheckedTensor[],
): Promise<void> {
  const both = [executable, reference].map((each) => f32Buffer(each, buffer).read());
  const [got, want] = await Promise.all(both);
  for (const { name, offset, length, tolerance } of tensors) {
    const error = relativeError(got.subarray(offset, offset + length), want.subarray(offset, offset + length));
    if (error <= tolerance) continue;
    throw new DawnpourError(
      `step ${model.name} on ${device.info.name}: ${buffer}${name} differ from the reference by ${error.toExponential(1)}, relative`,
    );
  }
}

/** |got - want| / |want| */
function relativeError(got: Float32Array, want: Float32Array): number {
  let [difference, size] = [0, 0];
  for (let i = 0; i < want.length; i++) {
    difference += (got[i] - want[i]) ** 2;
    size += want[i] ** 2;
  }
  return difference === 0 ? 0 : Math.sqrt(difference / size);
}
