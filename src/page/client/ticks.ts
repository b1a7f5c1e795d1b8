/** Numbers at the axes of a chart. */
import { scaleLinear } from "d3-scale";

/** Round numbers between the ends of a logarithmic scale, closer to one another where they are few. */
export function logTicks(low: number, high: number): number[] {
  const first = Math.floor(Math.log10(low));
  const powers = Array.from({ length: Math.ceil(Math.log10(high)) - first + 1 }, (_, i) => first + i);
  const choices = [[1], [1, 2, 5], [1, 2, 3, 4, 5, 6, 7, 8, 9]].map((digits) =>
    powers
      .flatMap((power) => digits.map((digit) => Number(`${digit}e${power}`)))
      .filter((at) => at >= low && at <= high),
  );
  return choices.find((ticks) => ticks.length >= 3) ?? scaleLinear([low, high], [0, 1]).ticks(4);
}

/** `20k` for 20,000. */
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 4 });
export const short = (value: number): string =>
  value !== 0 && Math.abs(value) < 1e-4 ? value.toExponential(1) : compact.format(value);
