/** The products to measure: those that the user names, or by default squares and the products of training. */
import { brief, UsageError } from "../error.js";
import { benchmarkModel, STEP_SHAPES } from "./step.js";

/** `op(A) op(B)` is m x n with inner size k. */
export interface GemmShape {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

const TRANSPOSES = ["nn", "nt", "tn", "tt"] as const;

/** `512x512x512 nn`: m, n, k and the transposes of A and B. */
export const gemmName = ({ m, n, k, transposeA, transposeB }: GemmShape): string =>
  `${m}x${n}x${k} ${transposeA ? "t" : "n"}${transposeB ? "t" : "n"}`;

/**
 * `512x512x512,1000x784x128:tn`: sizes m, n, k and, if not nn, which operands are transposed.
 * @example
 * ```ts
 * import { benchmarks } from "dawnpour/kernels";
 *
 * const [, { k, transposeA }] = benchmarks.parseShapes("512x512x512,1000x784x128:tn");
 * console.log(k, transposeA); // 128 true
 * ```
 */
export function parseShapes(text: string): GemmShape[] {
  return text.split(",").map((part) => {
    const match = /^(\d+)x(\d+)x(\d+)(?::([nt])([nt]))?$/.exec(part.trim().toLowerCase());
    const [m, n, k] = (match ?? []).slice(1, 4).map(Number);
    if (!match || Math.min(m, n, k) < 1) {
      throw new UsageError(
        `shapes: ${brief(part)} is not MxNxK with an optional :${TRANSPOSES.join(", :")}, such as 512x512x512 or 1000x784x128:tn`,
      );
    }
    return { m, n, k, transposeA: match[4] === "t", transposeB: match[5] === "t" };
  });
}

type Sizes = readonly [m: number, n: number, k: number];

const SQUARES = [512, 1024, 2048, 4096, 8192];

/**
 * Squares, then every product of a training step of the two reference networks at both batches, each in all four
 * transposes and without duplicates: the input gradient of a layer has the sizes of the forward product of its mirror
 * image.
 */
export function defaultShapes(): GemmShape[] {
  const training = STEP_SHAPES.flatMap(({ layers, batch }) =>
    benchmarkModel(layers).layers.flatMap(({ inputs, outputs }): Sizes[] => [
      [batch, outputs, inputs],
      [inputs, outputs, batch],
      [batch, inputs, outputs],
    ]),
  );
  const squares = SQUARES.map((size): Sizes => [size, size, size]);
  const shapes = [...squares, ...training].flatMap(inAllTransposes);
  return [...new Map(shapes.map((shape) => [gemmName(shape), shape])).values()];
}

function inAllTransposes([m, n, k]: Sizes): GemmShape[] {
  return TRANSPOSES.map(([a, b]) => ({ m, n, k, transposeA: a === "t", transposeB: b === "t" }));
}
