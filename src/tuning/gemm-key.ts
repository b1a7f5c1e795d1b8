/**
 * Key of a measurement: gemms with equal keys share it. The key has the exact sizes, the transposes and all of the
 * epilogue. Sizes are not rounded: a network has a few dozen gemms, and how their edges fit a tile is half of what is
 * measured.
 */
import { gemmShape } from "../device/webgpu/lowering/lower-gemm.js";
import type { GemmOp } from "../program/op.js";
import type { Program } from "../program/program.js";

/**
 * `128x1000x784 nn f32 bias gelu`: m, n, k, the transposes of a and b, the type of both and, if it differs, of out; the
 * epilogue.
 */
export function gemmKey(op: GemmOp): string {
  const { m, n, k } = gemmShape(op);
  const words = [
    `${m}x${n}x${k}`,
    `${op.transposeA ? "t" : "n"}${op.transposeB ? "t" : "n"}`,
    op.a.type,
    op.out.type !== op.a.type && `to ${op.out.type}`,
    op.accumulate && "accumulate",
    op.bias && "bias",
    op.preActivation && "pre-activation",
    op.activation !== "linear" && op.activation,
    op.derivative && `${op.derivative.activation}'`,
  ];
  return words.filter(Boolean).join(" ");
}

/** Multiplications: proportional to a gemm's share of a step's time. */
export function gemmWork(op: GemmOp): number {
  const { m, n, k } = gemmShape(op);
  return m * n * k;
}

/** The different gemms of some programs by key, the most work first. */
export function gemmsOf(...programs: readonly Program[]): Map<string, GemmOp> {
  const gemms = programs.flatMap(({ ops }) => ops.filter((op) => op.kind === "gemm"));
  gemms.sort((a, b) => gemmWork(b) - gemmWork(a));
  return new Map(gemms.map((op) => [gemmKey(op), op]));
}
