/**
 * The leading eigenpairs of a symmetric positive semidefinite matrix by subspace iteration (Golub & Van Loan, Matrix
 * Computations, 8.2.4): multiply a basis by the matrix, make the basis orthonormal, and repeat. The native core does all of it
 * in double precision (native/linear). Without the core the multiplication, which is most of the work, runs on the device, and
 * this file solves the small problems that remain.
 */
import { Matrix } from "ml-matrix";
import type { Device } from "../device/device.js";
import { ProgramBuilder } from "../program/program.js";
import { Random } from "../world/random.js";
import { orthonormalRows, type RitzPairs, rayleighRitz } from "./basis.js";
import { toValues } from "./matrix.js";
import { hasNativeEigen, nativeEigenpairs } from "./native-eigen.js";
import { symmetricEigen } from "./symmetric-eigen.js";

/** The smallest relative growth of the sum of eigenvalues that float32 can show. */
const TOLERANCE = 1e-7;
/** Eigenvalues that need more iterations lie so close that one subspace captures practically as much as another. */
const MOST_ITERATIONS = 100;
/** All pairs at once take less time than subspace iteration for matrices of at most this number of rows, ... */
const SMALL = { native: 1024, portable: 128 };
/** ... and where the subspace has at least a quarter of the matrix's rows. */
const WIDE = 4;
/** Keeps these random numbers apart from those of other uses of one seed. */
const SEED = 0x70636131;

/**
 * @param values the matrix, `[size, size]`
 * @returns at least the `count` leading pairs; the pairs after those are only rough
 * @throws the reason of `signal` once that is aborted
 */
export async function leadingEigenpairs(
  device: Device,
  values: Float64Array,
  size: number,
  count: number,
  signal?: AbortSignal,
): Promise<RitzPairs> {
  if (!hasNativeEigen()) return portableEigenpairs(device, values, size, count, signal);
  const width = widthFor(size, count, SMALL.native);
  const basis = width === undefined ? undefined : randomRows(width, size);
  // A device on the CPU says how many threads the caller allows.
  return nativeEigenpairs({ matrix: values, size, count, basis }, device.info.limits.threads, signal);
}

/** The same without the native core, on the device and in JavaScript. */
export async function portableEigenpairs(
  device: Device,
  values: Float64Array,
  size: number,
  count: number,
  signal?: AbortSignal,
): Promise<RitzPairs> {
  const width = widthFor(size, count, SMALL.portable);
  if (width === undefined) return symmetricEigen(values, size, signal);
  const multiplier = await compileMultiplier(device, values, size, width);
  try {
    let basis = orthonormalRows(Matrix.from1DArray(width, size, randomRows(width, size)));
    let captured = 0;
    // The error of the captured sum is the square of the angle. When float32 shows no more growth of the sum, the angle has half
    // of the digits that it can have: as many iterations again give the rest.
    let end = MOST_ITERATIONS;
    for (let iteration = 1; iteration <= end; iteration++) {
      const image = await multiplier.multiply(basis);
      signal?.throwIfAborted();
      const sum = rayleighRitz(basis, image)
        .values.slice(0, count)
        .reduce((total, value) => total + value, 0);
      if (sum <= captured * (1 + TOLERANCE)) end = Math.min(end, 2 * iteration);
      captured = Math.max(captured, sum);
      basis = orthonormalRows(image);
    }
    // The subspace is as exact as float32 allows. Its eigenvalues are then computed in float64.
    return rayleighRitz(basis, basis.mmul(Matrix.from1DArray(size, size, values)));
  } finally {
    multiplier.destroy();
  }
}

/**
 * Number of rows of the subspace, or undefined where all pairs at once take less time. Each iteration multiplies the part of a
 * row that lies outside the subspace by eigenvalue (width + 1) / eigenvalue (count).
 */
function widthFor(size: number, count: number, small: number): number | undefined {
  const width = Math.min(size, 2 * count + 16);
  return size <= small || width * WIDE >= size ? undefined : width;
}

async function compileMultiplier(device: Device, values: Float64Array, size: number, width: number) {
  const builder = new ProgramBuilder("subspace iteration");
  const matrix = builder.buffer("matrix", "f32", [size, size]);
  const basis = builder.buffer("basis", "f32", [width, size]);
  const out = builder.buffer("image", "f32", [width, size]);
  const executable = await device.compile(builder.gemm({ a: basis, b: matrix, out }).build());
  executable.buffer("matrix").write(Float32Array.from(values));
  return {
    async multiply(rows: Matrix): Promise<Matrix> {
      executable.buffer("basis").write(Float32Array.from(toValues(rows)));
      executable.run();
      return Matrix.from1DArray(width, size, (await executable.buffer("image").read()) as Float32Array);
    },
    destroy: () => executable.destroy(),
  };
}

function randomRows(rows: number, columns: number): Float64Array {
  const random = new Random(SEED);
  return Float64Array.from({ length: rows * columns }, () => random.normal());
}
