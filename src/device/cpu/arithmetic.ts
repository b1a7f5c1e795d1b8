/**
 * How a CPU device multiplies. Some chips have units that multiply pairs of bfloat16 faster than any of their instructions
 * multiplies floats (`native/cpu/dot.h`). Products of bf16 operands use them. Products of f32 operands can use them too: each
 * operand is split in three bfloat16 parts, whose six products of greatest weight have together the accuracy of f32.
 */
import { UsageError, unknownWord } from "../../error.js";
import type { CpuCore, PairUnit } from "./addon.js";

/**
 * How products of f32 are computed:
 * - fma: fused multiply-adds
 * - bf16x3: in three parts, six products: the accuracy of fma
 * - bf16x2: in two parts, three products: faster, and an error of up to 1e-4 relative to |A| |B|
 * - fma/bf16x3: bf16x3 where the product is large enough to gain by it, else fma. Which products are follows from their sizes
 *   alone.
 * - auto: fma/bf16x3 where the chip has a unit, else fma
 */
export const ARITHMETICS = ["auto", "fma", "fma/bf16x3", "bf16x3", "bf16x2"] as const;
export type Arithmetic = (typeof ARITHMETICS)[number];
/** What a device does: it has made the choice that `auto` leaves to it. */
export type DeviceArithmetic = Exclude<Arithmetic, "auto">;

/** Parts that the native core splits an operand in. */
export const PARTS: Readonly<Record<DeviceArithmetic, number>> = { fma: 0, "fma/bf16x3": 3, bf16x3: 3, bf16x2: 2 };

/** A device does not multiply as it is asked to. */
export class ArithmeticError extends UsageError {
  override name = "ArithmeticError";
}

export interface ArithmeticOptions {
  /** Default: auto. */
  readonly arithmetic?: Arithmetic;
  /**
   * The unit for pairs of bfloat16: `amx` or `avx512-bf16`, or `none`. The instruction set `portable` has a model of each, for
   * tests. By default one that is faster than fma, if there is one.
   */
  readonly unit?: string;
}

/**
 * `auto` becomes what this chip does.
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
