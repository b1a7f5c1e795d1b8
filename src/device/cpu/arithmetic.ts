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
 * - auto: bf16x3 where the chip has a unit and the product is large enough to gain by it, else fma. Which products are follows
 *   from their sizes alone.
 */
export const ARITHMETICS = ["auto", "fma", "bf16x3", "bf16x2"] as const;
export type Arithmetic = (typeof ARITHMETICS)[number];

/** Parts that the native core splits an operand in. */
export const PARTS: Readonly<Record<Arithmetic, number>> = { auto: 3, fma: 0, bf16x3: 3, bf16x2: 2 };

/** What a device says of the way it multiplies f32. */
export const NAMES: Readonly<Record<Arithmetic, string>> = {
  auto: "fma/bf16x3",
  fma: "fma",
  bf16x3: "bf16x3",
  bf16x2: "bf16x2",
};

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
 * `auto` becomes fma where there is no unit.
 * @throws UsageError for an arithmetic that is unknown, or that this chip has no unit for
 */
export function resolveArithmetic(
  core: CpuCore,
  isa: string,
  { arithmetic = "auto", unit: wanted }: ArithmeticOptions,
) {
  if (!ARITHMETICS.includes(arithmetic)) throw unknownWord("arithmetic", arithmetic, ARITHMETICS);
  const unit = unitOf(core.pairUnits(isa), wanted);
  if (arithmetic === "fma" || unit) return { arithmetic, unit: unit?.name };
  if (arithmetic === "auto") return { arithmetic: "fma" as const, unit: undefined };
  throw new UsageError(
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
