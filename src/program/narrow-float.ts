/** The floats that are narrower than float32: how numbers are rounded to them, and how JavaScript holds them. */
import { fromBFloat16, roundToBFloat16, toBFloat16 } from "./bfloat16.js";
import type { ElementType, Float } from "./buffer.js";
import { fromFloat16, roundToFloat16, toFloat16 } from "./float16.js";

/** A float type that JavaScript holds as bits. */
export type NarrowFloat = Exclude<Float, "f32">;

interface Narrowing {
  /** The nearest value of the type. Of two equally near ones it is the even one. */
  readonly round: (x: number) => number;
  readonly toBits: (x: number) => number;
  readonly fromBits: (bits: number) => number;
}

const NARROWINGS: Readonly<Record<NarrowFloat, Narrowing>> = {
  f16: { round: roundToFloat16, toBits: toFloat16, fromBits: fromFloat16 },
  bf16: { round: roundToBFloat16, toBits: toBFloat16, fromBits: fromBFloat16 },
};

export function isNarrow(type: ElementType): type is NarrowFloat {
  return type in NARROWINGS;
}

/** `x` as a buffer of that type holds it: rounded for a narrow float, unchanged for any other type. */
export function roundTo(type: ElementType, x: number): number {
  return isNarrow(type) ? NARROWINGS[type].round(x) : x;
}

/**
 * Numbers in the form that a buffer of a float type takes.
 * @example
 * ```ts
 * import { fromFloats, toFloats } from "dawnpour/kernels";
 *
 * const bits = toFloats("bf16", [1, 1.001]);
 * console.log(fromFloats("bf16", bits).join(" ")); // 1 1
 * ```
 */
export function toFloats(type: Float, values: Iterable<number>): Float32Array | Uint16Array {
  return isNarrow(type) ? Uint16Array.from(values, NARROWINGS[type].toBits) : Float32Array.from(values);
}

/** The numbers from the form in which a buffer of a float type gives them. */
export function fromFloats(type: Float, stored: ArrayLike<number>): Float32Array {
  return isNarrow(type) ? Float32Array.from(stored, NARROWINGS[type].fromBits) : Float32Array.from(stored);
}
