/** What a model makes small. */
import type { View } from "../program/buffer.js";
import type { ProgramBuilder } from "../program/program.js";
import type { Term } from "./scope.js";

/** The sum of the terms, each times its weight. */
export function totalOf(builder: ProgramBuilder, terms: readonly Term[]): View {
  const scalar = (): View => builder.buffer(builder.unusedName("loss"), "f32", [1]);
  const [first, ...others] = terms;
  let total = first.value;
  if (first.weight !== 1) {
    total = scalar();
    builder.scale({ input: first.value, factor: first.weight, out: total });
  }
  for (const { value, weight } of others) {
    const sum = scalar();
    builder.add({ a: total, b: value, factor: weight, out: sum });
    total = sum;
  }
  return total;
}
