import { elements, type View } from "../buffer.js";
import type { OpDefinition } from "../op-definition.js";

/** `out = a + factor * b`; `out` may be `a` or `b`. */
export interface AddOp {
  readonly kind: "add";
  readonly a: View;
  readonly b: View;
  readonly factor: number;
  readonly out: View;
}

export const add: OpDefinition<AddOp> = {
  name: "add",
  keys: { a: "required", b: "required", factor: "required", out: "required" },
  operands: ({ a, b, out }) => ({ reads: [a, b], writes: [out] }),
  inPlace: ({ a, b }) => [a, b],
  check({ a, b, factor, out }, rules) {
    rules.finite("factor", factor);
    rules.like(a, { a, b, out });
  },
  flops: ({ out }) => 2 * elements(out),
  gradient({ a, b, factor, out }, gradients) {
    const { by } = gradients.factor(out);
    gradients.pass(a, by);
    if (typeof by === "number") gradients.pass(b, factor * by);
    else if (factor === 1) gradients.pass(b, by);
    else {
      const g = gradients.of(out, "f32");
      gradients.give(b, { types: ["f32"] }, (to) => {
        gradients.builder.scale({ input: g, factor, out: to.out });
      });
    }
  },
  reference(op, memory) {
    const [a, b, out] = [memory(op.a), memory(op.b), memory(op.out)];
    out.each((i, j) => {
      out.set(i, j, a.get(i, j) + op.factor * b.get(i, j));
    });
  },
};
