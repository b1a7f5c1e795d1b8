import { type Activation, activations } from "../activation.js";
import { elements, type View } from "../buffer.js";
import type { OpDefinition } from "../op-definition.js";

/** `out = gradient * activation'(at)`, elementwise, all float; `at` as in `GemmOp.derivative`; `out` may be `gradient`. */
export interface ActivationGradientOp {
  readonly kind: "activationGradient";
  readonly activation: Activation;
  readonly at: View;
  readonly gradient: View;
  readonly out: View;
}

/** Operations of one element. The derivative of `linear` is 1, which takes no product. */
export function derivativeFlops(activation: Activation): number {
  return activation === "linear" ? 0 : activations.get(activation).flops.derivative + 1;
}

export const activationGradient: OpDefinition<ActivationGradientOp> = {
  name: "activationGradient",
  keys: { activation: "required", at: "required", gradient: "required", out: "required" },
  operands: ({ at, gradient, out }) => ({ reads: [at, gradient], writes: [out] }),
  inPlace: ({ gradient }) => [gradient],
  check: ({ gradient, at, out }, rules) => rules.floatsLike(gradient, { gradient, at, out }),
  functions: ({ activation }) => [{ what: "activation", name: activation }],
  flops: ({ activation, out }) => elements(out) * derivativeFlops(activation),
  gradient({ activation, at, gradient, out }, gradients) {
    if (gradients.wants(at))
      gradients.refuse("has no gradient rule for its operand `at`: an activation can be differentiated only once");
    const kept = gradients.kept(at);
    const g = gradients.of(out);
    gradients.give(gradient, {}, (to) => {
      gradients.builder.activationGradient({ activation, at: kept, gradient: g, out: to.out });
    });
  },
  reference(op, memory) {
    const [at, gradient, out] = [memory(op.at), memory(op.gradient), memory(op.out)];
    const { derivative } = activations.get(op.activation);
    out.each((i, j) => {
      out.set(i, j, gradient.get(i, j) * derivative(at.get(i, j)));
    });
  },
};
