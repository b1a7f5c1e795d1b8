import { elements, type View } from "../buffer.js";
import type { Memory, OpDefinition } from "../op-definition.js";
import type { OpRules } from "../op-rules.js";

/**
 * `out[i, j] = (j == labels[i] ? (values ? values[i] : 1) : 0)`. `labels` is u8, u32 or f32, one for each row of `out`, as a row or
 * a column; a label past the end is taken as that of the last column, on every device. `values` and `out` are f32.
 */
export interface OneHotOp {
  readonly kind: "oneHot";
  readonly labels: View;
  /** `[out.rows, 1]` */
  readonly values?: View;
  readonly out: View;
}

/** Refuses labels that are not one for each of `rows` rows. */
export function checkLabels(rules: OpRules, labels: View, rows: number): void {
  rules.type("labels", labels, "u8", "u32", "f32");
  const fits = elements(labels) === rows && (labels.rows === 1 || labels.columns === 1);
  rules.rule(fits, `labels must be [${rows}, 1] or [1, ${rows}], got [${labels.rows}, ${labels.columns}]`);
}

/** The column that each row names. */
export function columnOf(labels: View, columns: number, memory: Memory): (row: number) => number {
  const held = memory(labels);
  return (i) => {
    const label = labels.rows === 1 ? held.get(0, i) : held.get(i, 0);
    return Math.min(Math.max(Math.floor(label), 0), columns - 1);
  };
}

export const oneHot: OpDefinition<OneHotOp> = {
  name: "oneHot",
  keys: { labels: "required", values: "optional", out: "required" },
  operands: ({ labels, values, out }) => ({ reads: values ? [labels, values] : [labels], writes: [out] }),
  check({ labels, values, out }, rules) {
    rules.f32({ values, out });
    checkLabels(rules, labels, out.rows);
    if (values) rules.shape("values", values, out.rows, 1);
  },
  flops: () => 0,
  gradient({ labels, values, out }, gradients) {
    if (gradients.wants(labels)) gradients.refuse("has no gradient rule for labels: they are numbers of columns");
    if (!values) return;
    const g = gradients.of(out, "f32");
    gradients.give(values, { types: ["f32"] }, (to) => {
      gradients.builder.take({ input: g, labels: gradients.kept(labels), out: to.out });
    });
  },
  reference(op, memory) {
    const [out, values] = [memory(op.out), op.values && memory(op.values)];
    const column = columnOf(op.labels, op.out.columns, memory);
    out.each((i, j) => {
      out.set(i, j, j === column(i) ? (values?.get(i, 0) ?? 1) : 0);
    });
  },
};
