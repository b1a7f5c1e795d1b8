/**
 * GEMM on its own: random matrices, timed on a device. The whole result is checked before its time counts.
 *
 * The check is that of Freivalds (1979): for a random vector x, C x must equal op(A) (op(B) x), which costs n^2 in
 * double precision instead of the n^3 of computing C again. A few elements are also computed directly, to the accuracy
 * that every kernel must have.
 */
import type { Device } from "../device/device.js";
import { DawnpourError } from "../error.js";
import type { Float } from "../program/buffer.js";
import { fromFloats, roundTo, toFloats } from "../program/narrow-float.js";
import { type Program, ProgramBuilder } from "../program/program.js";
import { Random } from "../world/random.js";
import type { Clock } from "../world/world.js";
import { type GemmShape, gemmName } from "./gemm-shapes.js";
import { type BenchmarkOptions, measure, type Timing } from "./measure.js";

/** Time of one product, and its speed (2 m n k flops). */
export interface GemmResult extends GemmShape, Timing {
  /** `512x512x512 nn`: m, n, k and the transposes of A and B. */
  readonly name: string;
  readonly gflops: number;
}

/**
 * Times one product of random matrices on `device`; operands and result have the same precision.
 * @throws DawnpourError when the result is wrong
 * @example
 * ```ts
 * import { nodeWorld } from "dawnpour/actors";
 * import { benchmarks, openDevice } from "dawnpour/kernels";
 *
 * await using device = await openDevice({ device: "cpu" });
 * const [shape] = benchmarks.parseShapes("64x32x16");
 * const { gflops } = await benchmarks.gemm(device, nodeWorld().clock, shape);
 * console.log(gflops > 0); // true
 * ```
 */
export async function benchmarkGemm(
  device: Device,
  clock: Clock,
  shape: GemmShape,
  { precision = "f32", seed = 0, tune }: BenchmarkOptions = {},
): Promise<GemmResult> {
  const { m, n, k } = shape;
  const name = gemmName(shape);
  const program = gemmProgram(shape, precision);
  await tune?.(program);
  const executable = await device.compile(program);
  try {
    const [a, b] = [m * k, k * n].map((length, stream) => {
      return normal(length, new Random(seed, stream)).map((value) => roundTo(precision, value));
    });
    executable.buffer("a").write(toFloats(precision, a));
    executable.buffer("b").write(toFloats(precision, b));
    const timing = await measure(device, executable, clock);
    const c = fromFloats(precision, await executable.buffer("out").read());
    checkProduct(name, shape, a, b, c, new Random(seed, 2), TOLERANCE[precision]);
    return { name, ...shape, ...timing, gflops: (2 * m * n * k) / (timing.medianMs * 1e6) };
  } finally {
    executable.destroy();
  }
}

function gemmProgram(shape: GemmShape, precision: Float): Program {
  const { m, n, k, transposeA, transposeB } = shape;
  const builder = new ProgramBuilder(`gemm ${gemmName(shape)}`);
  const a = builder.buffer("a", precision, transposeA ? [k, m] : [m, k]);
  const b = builder.buffer("b", precision, transposeB ? [n, k] : [k, n]);
  return builder.gemm({ a, b, transposeA, transposeB, out: builder.buffer("out", precision, [m, n]) }).build();
}

export function normal(length: number, random: Random): Float32Array {
  const values = new Float32Array(length);
  for (let i = 0; i < length; i++) values[i] = random.normal();
  return values;
}

/**
 * Largest error that counts as right, relative to the largest element. Sums are always f32; storing a result rounds f16
 * by up to 5e-4, bf16 by up to 4e-3.
 */
const TOLERANCE: Readonly<Record<Float, number>> = { f32: 1e-5, f16: 1e-3, bf16: 8e-3 };
const SPOT_CHECKS = 64;

export function checkProduct(
  name: string,
  { m, n, k, transposeA, transposeB }: GemmShape,
  a: Float32Array,
  b: Float32Array,
  c: Float32Array,
  random: Random,
  tolerance = TOLERANCE.f32,
): void {
  const atA = (i: number, l: number): number => (transposeA ? a[l * m + i] : a[i * k + l]);
  const atB = (l: number, j: number): number => (transposeB ? b[j * k + l] : b[l * n + j]);
  const atC = (i: number, j: number): number => c[i * n + j];
  const x = Float64Array.from({ length: n }, () => random.normal());
  const right = multiply(m, k, atA, multiply(k, n, atB, x));
  compare(name, "the product with a random vector", multiply(m, n, atC, x), right, tolerance);

  const got = new Float64Array(SPOT_CHECKS);
  const want = new Float64Array(SPOT_CHECKS);
  for (let spot = 0; spot < SPOT_CHECKS; spot++) {
    const [i, j] = [random.below(m), random.below(n)];
    got[spot] = atC(i, j);
    for (let l = 0; l < k; l++) want[spot] += atA(i, l) * atB(l, j);
  }
  compare(name, "the elements computed directly", got, want, tolerance);
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

function compare(name: string, what: string, got: Float64Array, want: Float64Array, tolerance: number): void {
  const scale = want.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  const error = want.reduce((largest, value, i) => Math.max(largest, Math.abs(got[i] - value)), 0) / scale;
  if (!(error <= tolerance)) {
    throw new DawnpourError(`gemm ${name}: the result is wrong: ${what} is off by ${error.toExponential(1)}, relative`);
  }
}
