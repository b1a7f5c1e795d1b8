/**
 * GEMM on its own: random matrices, timed on a device, and the whole result checked before its time counts.
 *
 * The check is Freivalds' (1979): for a random vector x, C x must equal op(A) (op(B) x), which costs n^2 in double
 * precision instead of the n^3 of computing C again. A few elements are computed outright as well, to the accuracy that
 * every kernel must have.
 */
import { type Device, f32Buffer } from "../device/device.js";
import { DawnpourError, UsageError } from "../error.js";
import { ProgramBuilder } from "../program/program.js";
import { Random } from "../world/random.js";
import type { Clock } from "../world/world.js";
import { measure, type Timing } from "./measure.js";

/** `op(A) op(B)` is m x n with inner size k. */
export interface GemmShape {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** The time of one product, and the speed that it comes to (2 m n k flops). */
export interface GemmResult extends GemmShape, Timing {
  /** `512x512x512 nn`: m, n, k and the transposes of A and B. */
  readonly name: string;
  readonly gflops: number;
}

const TRANSPOSES = ["nn", "nt", "tn", "tt"] as const;

export const gemmName = ({ m, n, k, transposeA, transposeB }: GemmShape): string =>
  `${m}x${n}x${k} ${transposeA ? "t" : "n"}${transposeB ? "t" : "n"}`;

/** `512x512x512,1000x784x128:tn`: sizes m, n, k and, if not nn, which operands are transposed. */
export function parseShapes(text: string): GemmShape[] {
  return text.split(",").map((part) => {
    const match = /^(\d+)x(\d+)x(\d+)(?::([nt])([nt]))?$/.exec(part.trim().toLowerCase());
    const [m, n, k] = (match ?? []).slice(1, 4).map(Number);
    if (!match || Math.min(m, n, k) < 1) {
      throw new UsageError(
        `shapes: "${part}" is not MxNxK with an optional :${TRANSPOSES.join(", :")}, such as 512x512x512 or 1000x784x128:tn`,
      );
    }
    return { m, n, k, transposeA: match[4] === "t", transposeB: match[5] === "t" };
  });
}

const square = (size: number): GemmShape => ({ m: size, n: size, k: size, transposeA: false, transposeB: false });

/** The products of one training step of a dense layer: forward, weight gradient, input gradient. */
function layerShapes(batch: number, inputs: number, outputs: number): GemmShape[] {
  return [
    { m: batch, n: outputs, k: inputs, transposeA: false, transposeB: false },
    { m: inputs, n: outputs, k: batch, transposeA: true, transposeB: false },
    { m: batch, n: inputs, k: outputs, transposeA: false, transposeB: true },
  ];
}

/** Squares, then the layers of the two reference networks at batches 128 and 1024. */
export function defaultShapes(): GemmShape[] {
  const layers = [
    [784, 256],
    [256, 32],
    [784, 1000],
    [1000, 500],
    [500, 250],
    [250, 30],
  ];
  const training = [128, 1024].flatMap((batch) => layers.flatMap(([i, o]) => layerShapes(batch, i, o)));
  return [...[512, 1024, 2048].map(square), ...training];
}

/** Times one product of random matrices on `device`. @throws DawnpourError when the result is wrong */
export async function benchmarkGemm(device: Device, clock: Clock, shape: GemmShape, seed = 0): Promise<GemmResult> {
  const { m, n, k, transposeA, transposeB } = shape;
  const name = gemmName(shape);
  const builder = new ProgramBuilder(`gemm ${name}`);
  const a = builder.buffer("a", "f32", transposeA ? [k, m] : [m, k]);
  const b = builder.buffer("b", "f32", transposeB ? [n, k] : [k, n]);
  const out = builder.buffer("out", "f32", [m, n]);
  const executable = await device.compile(builder.gemm({ a, b, transposeA, transposeB, out }).build());
  try {
    const inputs = [a, b].map((view, i) => {
      const values = normal(view.rows * view.columns, new Random(seed, i));
      executable.buffer(view.buffer).write(values);
      return values;
    });
    const timing = await measure(device, executable, clock);
    const result = await f32Buffer(executable, "out").read();
    checkProduct(name, shape, inputs[0], inputs[1], result, new Random(seed, 2));
    return { name, ...shape, ...timing, gflops: (2 * m * n * k) / (timing.medianMs * 1e6) };
  } finally {
    executable.destroy();
  }
}

export function normal(length: number, random: Random): Float32Array {
  const values = new Float32Array(length);
  for (let i = 0; i < length; i++) values[i] = random.normal();
  return values;
}

/** Largest error that counts as right, relative to the largest element of what is compared. */
const TOLERANCE = 1e-5;
const SPOT_CHECKS = 64;

export function checkProduct(
  name: string,
  { m, n, k, transposeA, transposeB }: GemmShape,
  a: Float32Array,
  b: Float32Array,
  c: Float32Array,
  random: Random,
): void {
  const atA = (i: number, l: number): number => (transposeA ? a[l * m + i] : a[i * k + l]);
  const atB = (l: number, j: number): number => (transposeB ? b[j * k + l] : b[l * n + j]);
  const atC = (i: number, j: number): number => c[i * n + j];
  const x = Float64Array.from({ length: n }, () => random.normal());
  const right = multiply(m, k, atA, multiply(k, n, atB, x));
  compare(name, "the product with a random vector", multiply(m, n, atC, x), right);

  const got = new Float64Array(SPOT_CHECKS);
  const want = new Float64Array(SPOT_CHECKS);
  for (let spot = 0; spot < SPOT_CHECKS; spot++) {
    const [i, j] = [random.below(m), random.below(n)];
    got[spot] = atC(i, j);
    for (let l = 0; l < k; l++) want[spot] += atA(i, l) * atB(l, j);
  }
  compare(name, "the elements computed outright", got, want);
}

function multiply(rows: number, columns: number, at: (i: number, j: number) => number, x: Float64Array): Float64Array {
  const y = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    let sum = 0;
    for (let j = 0; j < columns; j++) sum += at(i, j) * x[j];
    y[i] = sum;
  }
  return y;
}

function compare(name: string, what: string, got: Float64Array, want: Float64Array): void {
  const scale = want.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  const error = want.reduce((largest, value, i) => Math.max(largest, Math.abs(got[i] - value)), 0) / scale;
  if (!(error <= TOLERANCE)) {
    throw new DawnpourError(`gemm ${name}: the result is wrong: ${what} is off by ${error.toExponential(1)}, relative`);
  }
}
