/**
 * The leading eigenpairs of a symmetric positive semidefinite matrix by subspace iteration (Golub & Van Loan, Matrix
 * Computations, 8.2.4): multiply a basis by the matrix, make it orthonormal, and again. The multiplication, where the
 * work is, runs on the device; the small problems that remain are solved on the host between two of them. A full
 * decomposition on the host would take seconds for 784 features, minutes for 4096, and block the event loop throughout.
 */
import { Matrix } from "ml-matrix";
import type { Device } from "../device/device.js";
import { ProgramBuilder } from "../program/program.js";
import { Random } from "../world/random.js";
import { orthonormalRows, type RitzPairs, rayleighRitz } from "./basis.js";
import { toValues } from "./matrix.js";
import { symmetricEigen } from "./symmetric-eigen.js";

/** Growth of the sum of eigenvalues, as a part of it, that float32 can still tell. */
const TOLERANCE = 1e-7;
/** Where eigenvalues lie so close that this is not enough, each subspace holds practically as much as the other. */
const MOST_ITERATIONS = 100;
/** Of more rows than this, with a subspace of at least a quarter of them, all pairs at once take less time. */
const [SMALL, WIDE] = [128, 4];
/** Keeps these random numbers apart from those of other uses of one seed. */
const SEED = 0x70636131;

/**
 * @param values the matrix, `[size, size]`
 * @returns at least the `count` leading pairs; the pairs after those are only rough
 */
export async function leadingEigenpairs(
  device: Device,
  values: Float64Array,
  size: number,
  count: number,
  signal?: AbortSignal,
): Promise<RitzPairs> {
  // The part of a row outside the subspace shrinks by eigenvalue (width + 1) / eigenvalue (count) each time.
  const width = Math.min(size, 2 * count + 16);
  if (size > SMALL && width * WIDE >= size) return symmetricEigen(values, size, signal);
  const multiplier = await compileMultiplier(device, values, size, width);
  try {
    let basis = randomBasis(width, size);
    let pairs: RitzPairs | undefined;
    let captured = 0;
    // The captured sum converges as the square of the angle: where it stands still for float32, the angle is half way.
    let end = MOST_ITERATIONS;
    for (let iteration = 1; iteration <= end; iteration++) {
      const image = await multiplier.multiply(basis);
      signal?.throwIfAborted();
      pairs = rayleighRitz(basis, image);
      const sum = pairs.values.slice(0, count).reduce((total, value) => total + value, 0);
      if (sum <= captured * (1 + TOLERANCE)) end = Math.min(end, 2 * iteration);
      captured = Math.max(captured, sum);
      basis = orthonormalRows(image);
    }
    return pairs as RitzPairs;
  } finally {
    multiplier.destroy();
  }
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

function randomBasis(rows: number, columns: number): Matrix {
  const random = new Random(SEED);
  const normal = Float64Array.from({ length: rows * columns }, () => random.normal());
  return orthonormalRows(Matrix.from1DArray(rows, columns, normal));
}
