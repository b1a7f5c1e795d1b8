import { type Activation, activations } from "../activation.js";
import { elements, type View } from "../buffer.js";
import type { Gradients, Target } from "../gradient-rule.js";
import { type NamedFunction, type OpDefinition, present } from "../op-definition.js";
import { derivativeFlops } from "./activation-gradient.js";

/**
 * `out = epilogue(op(a) op(b))`. `op` transposes its argument where `transposeA` or `transposeB` says so: op(a) is `[m, k]`, op(b)
 * is `[k, n]`, out is `[m, n]`. a and b are of the same float type. out is float; preActivation and derivative.at have its type.
 * The epilogue has these steps, in this order, each of them optional:
 * 1. `accumulate`: add the earlier contents of `out`, which must then be f32
 * 2. `bias` `[1, n]`: add it to every row
 * 3. `preActivation` `[m, n]`: store the value so far
 * 4. `activation`: apply it
 * 5. `derivative`: multiply by the derivative of `derivative.activation`, taken at `derivative.at` `[m, n]`. That view holds the
 *    activation's output or its input, as `derivativeFrom` says
 */
export interface GemmOp {
  readonly kind: "gemm";
  readonly a: View;
  readonly b: View;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly accumulate: boolean;
  readonly bias?: View;
  readonly preActivation?: View;
  readonly activation: Activation;
  readonly derivative?: { readonly activation: Activation; readonly at: View };
  readonly out: View;
}

/** Length of the sums: k. */
function innerSize({ transposeA, a }: GemmOp): number {
  return transposeA ? a.rows : a.columns;
}

/** The gradient with respect to the value before step 5 of the epilogue. The derivative of that step counts as a constant. */
function afterDerivative({ a, activation, derivative, out }: GemmOp, gradients: Gradients): View {
  if (!derivative) return gradients.of(out, a.type);
  if (activation !== "linear" || gradients.wants(derivative.at)) {
    gradients.refuse(
      "has no gradient rule where it has both an activation and a derivative, nor for its operand derivative.at",
    );
  }
  const gradient = gradients.of(out);
  const scaled = gradients.temporary(out, a.type);
  gradients.builder.activationGradient({ ...derivative, at: gradients.kept(derivative.at), gradient, out: scaled });
  return scaled;
}

function sumOf({ builder }: Gradients, input: View): (to: Target) => void {
  return ({ out, accumulate }) => {
    builder.sumRows({ input, accumulate, out });
  };
}

export const gemm: OpDefinition<GemmOp> = {
  name: "gemm",
  keys: {
    a: "required",
    b: "required",
    transposeA: "required",
    transposeB: "required",
    accumulate: "required",
    bias: "optional",
    preActivation: "optional",
    activation: "required",
    derivative: "optional",
    out: "required",
  },
  operands: ({ a, b, bias, derivative, accumulate, out, preActivation }) => ({
    reads: present(a, b, bias, derivative?.at, accumulate ? out : undefined),
    writes: present(out, preActivation),
  }),
  check(op, rules) {
    const { a, b, transposeA, transposeB, bias, preActivation, derivative, out } = op;
    if (derivative) rules.keys("derivative", derivative, { activation: "required", at: "required" });
    const [m, ka] = transposeA ? [a.columns, a.rows] : [a.rows, a.columns];
    const [kb, n] = transposeB ? [b.columns, b.rows] : [b.rows, b.columns];
    rules.float({ a });
    rules.type("b", b, a.type);
    rules.rule(
      ka === kb,
      `inner sizes must match, got ${ka} (a${transposeA ? " transposed" : ""}) and ${kb} (b${transposeB ? " transposed" : ""})`,
    );
    rules.f32({ bias });
    if (op.accumulate) rules.f32({ "out, which accumulates,": out });
    rules.float({ out });
    rules.shape("out", out, m, n);
    if (bias) rules.shape("bias", bias, 1, n);
    const beside = { preActivation, "derivative.at": derivative?.at };
    rules.typed(beside, out.type);
    rules.shaped(out, beside);
  },
  functions({ activation, derivative }): NamedFunction[] {
    const names = derivative ? [derivative.activation, activation] : [activation];
    return names.map((name) => ({ what: "activation", name }));
  },
  flops(op) {
    const { accumulate, bias, activation, derivative, out } = op;
    const epilogue =
      (accumulate ? 1 : 0) +
      (bias ? 1 : 0) +
      activations.get(activation).flops.value +
      (derivative ? derivativeFlops(derivative.activation) : 0);
    return elements(out) * (2 * innerSize(op) + epilogue);
  },
  gradientType: ({ a }) => a.type,
  activated: ({ activation, out, preActivation, derivative }) =>
    derivative ? undefined : { activation, output: out, input: preActivation, keepAs: "preActivation" },
  gradient(op, gradients) {
    const { a, b, transposeA, transposeB, bias, derivative, out } = op;
    if (op.preActivation && gradients.has(op.preActivation)) {
      gradients.refuse(
        "has no gradient rule for preActivation where it is used elsewhere: leave the activation to an op of its own",
      );
    }
    const after = derivative ? afterDerivative(op, gradients) : gradients.beforeActivation(out, a.type);
    gradients.give(b, { accumulates: true, derives: true }, (to) => {
      const factor = { a: gradients.kept(a), transposeA: !transposeA };
      const g = { a: after, transposeA: true, b: gradients.kept(a), transposeB: transposeA };
      gradients.builder.gemm({ ...(transposeB ? g : { ...factor, b: after }), ...to });
    });
    if (bias) gradients.give(bias, { accumulates: true, types: ["f32"] }, sumOf(gradients, after));
    gradients.give(a, { accumulates: true, derives: true }, (to) => {
      const g = { a: after, b: gradients.kept(b), transposeB: !transposeB };
      const factor = { a: gradients.kept(b), transposeA: transposeB, b: after, transposeB: true };
      gradients.builder.gemm({ ...(transposeA ? factor : g), ...to });
    });
    if (op.accumulate) gradients.pass(out, after);
  },
  reference(op, memory) {
    const [a, b, out] = [memory(op.a), memory(op.b), memory(op.out)];
    const bias = op.bias && memory(op.bias);
    const preActivation = op.preActivation && memory(op.preActivation);
    const at = op.derivative && memory(op.derivative.at);
    const activation = activations.get(op.activation);
    const derived = op.derivative && activations.get(op.derivative.activation);
    const inner = innerSize(op);
    out.each((i, j) => {
      let value = 0;
      for (let k = 0; k < inner; k++) {
        value += (op.transposeA ? a.get(k, i) : a.get(i, k)) * (op.transposeB ? b.get(j, k) : b.get(k, j));
      }
      if (op.accumulate) value += out.get(i, j);
      if (bias) value += bias.get(0, j);
      preActivation?.set(i, j, value);
      value = activation.value(value);
      if (derived && at) value *= derived.derivative(at.get(i, j));
      out.set(i, j, value);
    });
  },
};
