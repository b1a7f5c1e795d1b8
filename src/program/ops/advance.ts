import type { View } from "../buffer.js";
import type { OpDefinition } from "../op-definition.js";

/** `cursor += 1`, a u32 `[1, 1]`: the last op of a step that reads tables. */
export interface AdvanceOp {
  readonly kind: "advance";
  readonly cursor: View;
}

export const advance: OpDefinition<AdvanceOp> = {
  name: "advance",
  keys: { cursor: "required" },
  operands: ({ cursor }) => ({ reads: [cursor], writes: [cursor] }),
  inPlace: ({ cursor }) => [cursor],
  check({ cursor }, rules) {
    rules.type("cursor", cursor, "u32");
    rules.shape("cursor", cursor, 1, 1);
  },
  flops: () => 0,
  reference(op, memory) {
    const cursor = memory(op.cursor);
    cursor.set(0, 0, cursor.get(0, 0) + 1);
  },
};
