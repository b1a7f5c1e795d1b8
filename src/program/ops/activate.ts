import { type Activation, activations } from "../activation.js";
import { elements, type View } from "../buffer.js";
import type { OpDefinition } from "../op-definition.js";

/** `out = activation(input)`, elementwise; may be in place. */
export interface ActivateOp {
  readonly kind: "activate";
  readonly activation: Activation;
  readonly input: View;
  readonly out: View;
}

export const activate: OpDefinition<ActivateOp> = {
  name: "activate",
  keys: { activation: "required", input: "required", out: "required" },
  operands: ({ input, out }) => ({ reads: [input], writes: [out] }),
  inPlace: ({ input }) => [input],
  check: ({ input, out }, rules) => rules.like(input, { input, out }),
  functions: ({ activation }) => [{ what: "activation", name: activation }],
  flops: ({ activation, out }) => elements(out) * activations.get(activation).flops.value,
  activated: ({ activation, input, out }) => ({ activation, input, output: out }),
  gradient: ({ input, out }, gradients) => gradients.pass(input, gradients.beforeActivation(out)),
  reference(op, memory) {
    const [input, out] = [memory(op.input), memory(op.out)];
    const { value } = activations.get(op.activation);
    out.each((i, j) => {
      out.set(i, j, value(input.get(i, j)));
    });
  },
};
