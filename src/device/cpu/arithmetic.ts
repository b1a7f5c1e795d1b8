/**
 * How a CPU device multiplies. Some chips have units that multiply pairs of bfloat16 faster than any of their instructions
 * multiplies floats (`native/cpu/dot/dot.h`). Products of bf16 operands use such a unit. Products of f32 operands can use it too: the
 * core splits each operand into three bfloat16 parts, and the six largest products of parts together have the accuracy of f32.
 */
import { UsageError, unknownWord } from "../../error.js";
import type { CpuCore, PairUnit } from "./addon.js";

/**
 * How products of f32 are computed:
 * - fma: fused multiply-adds
 * - bf16x3: three parts, six products; the accuracy of fma
 * - bf16x2: two parts, three products; faster, with an error of up to 1e-4 relative to |A| |B|
 * - fma/bf16x3: bf16x3 for products that are large enough to gain by it, fma for the others. Only the sizes of a product decide.
 * - auto: fma/bf16x3 where the chip has a unit, else fma
 */
export const ARITHMETICS = ["auto", "fma", "fma/bf16x3", "bf16x3", "bf16x2"] as const;
/** A way to multiply f32: the list above says what each does. */
export type Arithmetic = (typeof ARITHMETICS)[number];
/** The arithmetic of an open device: one of the above, after the device has resolved `auto`. */
export type DeviceArithmetic = Exclude<Arithmetic, "auto">;

/** Number of parts into which the native core splits an operand. */
export const PARTS: Readonly<Record<DeviceArithmetic, number>> = { fma: 0, "fma/bf16x3": 3, bf16x3: 3, bf16x2: 2 };

/** The device does not have the arithmetic that was asked for. */
export class ArithmeticError extends UsageError {
  override name = "ArithmeticError";
}

export interface ArithmeticOptions {
  /** Default: auto. */
  readonly arithmetic?: Arithmetic;
  /**
   * The unit for pairs of bfloat16: `amx`, `avx512-bf16` or `none`. The instruction set `portable` has a model of each unit, for
   * tests. Default: a unit that is faster than fma; none where no unit is.
   */
  readonly unit?: string;
}

/**
 * The arithmetic of a device; `auto` becomes what this chip does.
 * @throws UsageError for an arithmetic that is unknown, or that this chip has no unit for
 */
export function resolveArithmetic(
  core: CpuCore,
  isa: string,
  { arithmetic = "auto", unit: wanted }: ArithmeticOptions,
): { readonly arithmetic: DeviceArithmetic; readonly unit: string | undefined } {
  if (!ARITHMETICS.includes(arithmetic)) throw unknownWord("arithmetic", arithmetic, ARITHMETICS);
  const unit = unitOf(core.pairUnits(isa), wanted);
  if (arithmetic === "auto") return { arithmetic: unit ? "fma/bf16x3" : "fma", unit: unit?.name };
  if (arithmetic === "fma" || unit) return { arithmetic, unit: unit?.name };
  throw new ArithmeticError(
    `arithmetic ${arithmetic} needs a unit that multiplies pairs of bfloat16 faster than floats; this CPU has none that works with ${isa}: use fma`,
  );
}

function unitOf(units: readonly PairUnit[], wanted: string | undefined): PairUnit | undefined {
  if (wanted === "none") return undefined;
  if (wanted === undefined) return units.find(({ fast }) => fast);
  const unit = units.find(({ name }) => name === wanted);
  if (!unit) throw unknownWord("unit", wanted, [...units.map(({ name }) => name), "none"]);
  return unit;
}
