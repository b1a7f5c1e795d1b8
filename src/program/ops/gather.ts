import { elements, type View } from "../buffer.js";
import type { OpDefinition } from "../op-definition.js";

/**
 * `out[i, :] = scale * source[rows[i], :]`: builds a batch. `source` is u8 or f32, `[count, columns]`; `rows` is u32
 * `[1, out.rows]` and may be moved by a cursor; `out` is float. A row number past the end reads the last row, on every
 * device. The gradient of `source` is that of a product with a matrix of zeros and ones, `[out.rows, source.rows]`.
 */
export interface GatherOp {
  readonly kind: "gather";
  readonly source: View;
  readonly rows: View;
  readonly scale: number;
  readonly out: View;
}

export const gather: OpDefinition<GatherOp> = {
  name: "gather",
  keys: { source: "required", rows: "required", scale: "required", out: "required" },
  operands: ({ source, rows, out }) => ({ reads: [source, rows], writes: [out] }),
  movable: ["rows"],
  check({ source, rows, scale, out }, rules) {
    rules.type("source", source, "u8", "f32");
    rules.type("rows", rows, "u32");
    rules.float({ out });
    rules.finite("scale", scale);
    rules.shape("out", out, rows.columns, source.columns);
    rules.shape("rows", rows, 1, out.rows);
  },
  flops: ({ out }) => elements(out),
  rowsRead: (op, view) => (view === op.source ? op.out.rows : view.rows),
  gradient({ source, rows, scale, out }, gradients) {
    const { builder } = gradients;
    if (rows.cursor !== undefined && gradients.wants(source)) {
      gradients.refuse("has no gradient rule with rows that a cursor moves: copy the rows of a step");
    }
    const g = gradients.of(out, "f32");
    gradients.give(source, { accumulates: true, types: ["f32"] }, (to) => {
      const chosen = gradients.temporary({ ...source, rows: out.rows, columns: source.rows }, "f32");
      const values = gradients.temporary({ ...source, rows: out.rows, columns: 1 }, "f32");
      builder.fill({ value: scale, out: values }).oneHot({ labels: gradients.kept(rows), values, out: chosen });
      builder.gemm({ a: chosen, transposeA: true, b: g, ...to });
    });
  },
  reference(op, memory) {
    const [source, rows, out] = [memory(op.source), memory(op.rows), memory(op.out)];
    out.each((i, j) => {
      const row = Math.min(rows.get(0, i), source.rows - 1);
      out.set(i, j, op.scale * source.get(row, j));
    });
  },
};
