import { elements, type View } from "../buffer.js";
import type { OpDefinition } from "../op-definition.js";

/**
 * `out[i, :] = scale * source[rows[i], :]`: builds a batch. `source` is u8 or f32, `[count, columns]`; `rows` is u32
 * `[1, out.rows]` and may be moved by a cursor; `out` is float. A row number past the end reads the last row, on every
 * device.
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
  reference(op, memory) {
    const [source, rows, out] = [memory(op.source), memory(op.rows), memory(op.out)];
    out.each((i, j) => {
      const row = Math.min(rows.get(0, i), source.rows - 1);
      out.set(i, j, op.scale * source.get(row, j));
    });
  },
};
