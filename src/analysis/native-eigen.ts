/**
 * Eigenpairs by the native core, in double precision and on threads of its own. It is a hundred times as fast as JavaScript,
 * and a signal ends it at once.
 */
import { Matrix } from "ml-matrix";
import { type CpuCore, cpuCore, type EngineHandle } from "../device/cpu/addon.js";
import { usableCores } from "../device/cpu/cores.js";
import { NoDeviceError } from "../device/device.js";
import { DawnpourError } from "../error.js";
import { nativeCore } from "../native-core.js";
import type { RitzPairs } from "./basis.js";

interface LinearCore {
  /**
   * Finds the leading pairs of `matrix` `[size, size]`, as many as `values` has room for, and overwrites the matrix. With a `width`
   * of 0 the core finds all pairs and writes the wanted ones to `vectors`. Otherwise `vectors` `[width, size]` is the basis to
   * begin from, and has the result at the end.
   */
  eigenpairs(
    engine: EngineHandle,
    matrix: Float64Array,
    size: number,
    width: number,
    values: Float64Array,
    vectors: Float64Array,
  ): Promise<boolean>;
}

export interface Eigenproblem {
  /** `[size, size]`, symmetric. */
  readonly matrix: Float64Array;
  readonly size: number;
  /** Number of leading pairs that are wanted. */
  readonly count: number;
  /** At least `count` rows, from which subspace iteration begins. Without them the core finds all pairs. */
  readonly basis?: Float64Array;
}

/** Whether the native core can be loaded. */
export function hasNativeEigen(): boolean {
  return coreOrNone() !== undefined;
}

/**
 * @returns `count` pairs
 * @throws the reason of `signal` once that is aborted; DawnpourError for a matrix that holds NaN, or is too large for the memory
 */
export async function nativeEigenpairs(
  { matrix, size, count, basis }: Eigenproblem,
  threads = usableCores(),
  signal?: AbortSignal,
): Promise<RitzPairs> {
  signal?.throwIfAborted();
  const core = cpuCore();
  const { linear } = nativeCore<{ readonly linear: LinearCore }>();
  const [values, vectors] = [new Float64Array(count), basis?.slice() ?? new Float64Array(count * size)];
  const width = basis ? basis.length / size : 0;
  try {
    const engine = core.open(core.instructionSets()[0], threads, undefined, 0, false);
    const stop = (): void => core.close(engine);
    signal?.addEventListener("abort", stop);
    try {
      await linear.eigenpairs(engine, matrix.slice(), size, width, values, vectors);
    } finally {
      signal?.removeEventListener("abort", stop);
      core.close(engine);
    }
  } catch (error) {
    throw new DawnpourError(`eigenvalues of ${size} features: ${(error as Error).message}`, { cause: error });
  }
  signal?.throwIfAborted();
  return { values: Array.from(values), vectors: Matrix.from1DArray(count, size, vectors.subarray(0, count * size)) };
}

function coreOrNone(): CpuCore | undefined {
  try {
    return cpuCore();
  } catch (error) {
    if (error instanceof NoDeviceError) return undefined;
    throw error;
  }
}
