import type { View } from "../buffer.js";
import type { OpDefinition } from "../op-definition.js";

/** `out = min(1, maximum / norm)`, `[1, 1]`, and 1 where the norm is 0: the factor that clips by global norm. */
export interface ClipFactorOp {
  readonly kind: "clipFactor";
  readonly norm: View;
  readonly maximum: number;
  readonly out: View;
}

export const clipFactor: OpDefinition<ClipFactorOp> = {
  name: "clipFactor",
  keys: { norm: "required", maximum: "required", out: "required" },
  operands: ({ norm, out }) => ({ reads: [norm], writes: [out] }),
  check({ norm, maximum, out }, rules) {
    rules.finite("maximum", maximum);
    rules.above("maximum", maximum, 0);
    rules.f32({ norm, out });
    rules.shape("norm", norm, 1, 1);
    rules.shape("out", out, 1, 1);
  },
  flops: () => 3,
  reference(op, memory) {
    const length = memory(op.norm).get(0, 0);
    memory(op.out).set(0, 0, length === 0 ? 1 : Math.min(1, op.maximum / length));
  },
};
