/** The floats that are narrower than float32, and how each is rounded to and carried on the host. */
import { fromBFloat16, roundToBFloat16, toBFloat16 } from "./bfloat16.js";
import type { ElementType, Float } from "./buffer.js";
import { fromFloat16, roundToFloat16, toFloat16 } from "./float16.js";

/** A float that travels as its bits. */
export type NarrowFloat = Exclude<Float, "f32">;

interface Narrowing {
  /** The nearest value of the type, of two equally near ones the even. */
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

/** `x` as a buffer of that type holds it; types other than narrow floats leave it as it is. */
export function roundTo(type: ElementType, x: number): number {
  return isNarrow(type) ? NARROWINGS[type].round(x) : x;
}

/** Numbers as a buffer of a float type takes them. */
export function toFloats(type: Float, values: Iterable<number>): Float32Array | Uint16Array {
  return isNarrow(type) ? Uint16Array.from(values, NARROWINGS[type].toBits) : Float32Array.from(values);
}

/** The numbers in what a buffer of a float type gave. */
export function fromFloats(type: Float, stored: ArrayLike<number>): Float32Array {
  return isNarrow(type) ? Float32Array.from(stored, NARROWINGS[type].fromBits) : Float32Array.from(stored);
}
