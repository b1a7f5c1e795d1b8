import type { View } from "../buffer.js";
import type { OpDefinition } from "../op-definition.js";

/** `out[:] = value`. */
export interface FillOp {
  readonly kind: "fill";
  readonly value: number;
  readonly out: View;
}

export const fill: OpDefinition<FillOp> = {
  name: "fill",
  keys: { value: "required", out: "required" },
  operands: ({ out }) => ({ reads: [], writes: [out] }),
  check({ value, out }, rules) {
    rules.finite("value", value);
    rules.f32({ out });
  },
  flops: () => 0,
  reference(op, memory) {
    const out = memory(op.out);
    out.each((i, j) => {
      out.set(i, j, op.value);
    });
  },
};
