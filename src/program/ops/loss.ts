import { elements, type View } from "../buffer.js";
import { type Loss, losses } from "../loss.js";
import { type OpDefinition, present } from "../op-definition.js";

/**
 * `total = scale * sum(loss(input, target))` and, where `gradient` is given, `gradient = gradientScale * scale * dloss/dinput`.
 * input, target and gradient are float; total and gradientScale are f32.
 */
export interface LossOp {
  readonly kind: "loss";
  readonly loss: Loss;
  readonly input: View;
  readonly target: View;
  readonly scale: number;
  /** `[1, 1]`; may be moved by a cursor, so a table can collect one loss for each step. */
  readonly total: View;
  /** Of the shape of `input`; may be `input` itself. */
  readonly gradient?: View;
  /** `[1, 1]`: see `LossScaleOp`. Default: 1. */
  readonly gradientScale?: View;
}

/** The shape of a scalar. */
const ONE: View = { buffer: "total", type: "f32", offset: 0, rows: 1, columns: 1 };

const factorOf = (by: View | number): number => (typeof by === "number" ? by : 1);

export const loss: OpDefinition<LossOp> = {
  name: "loss",
  keys: {
    loss: "required",
    input: "required",
    target: "required",
    scale: "required",
    total: "required",
    gradient: "optional",
    gradientScale: "optional",
  },
  operands: ({ input, target, gradientScale, total, gradient }) => ({
    reads: present(input, target, gradientScale),
    writes: present(total, gradient),
  }),
  inPlace: ({ input }) => [input],
  movable: ["total"],
  check({ scale, input, target, gradient, total, gradientScale }, rules) {
    rules.finite("scale", scale);
    rules.floatsLike(input, { input, target, gradient });
    rules.f32({ total, gradientScale });
    rules.shape("total", total, 1, 1);
    if (gradientScale) rules.shape("gradientScale", gradientScale, 1, 1);
  },
  functions: (op) => [{ what: "loss", name: op.loss }],
  flops(op) {
    const { value, gradient } = losses.get(op.loss).flops;
    const scaled = op.gradientScale ? 1 : 0;
    return elements(op.input) * (value + (op.gradient ? gradient + scaled : 0)) + 1;
  },
  gradient(op, gradients) {
    const { builder } = gradients;
    if (op.gradient)
      gradients.refuse("already writes a gradient: leave out its operand `gradient`, and differentiate adds it");
    if (gradients.wants(op.target))
      gradients.refuse('has no gradient rule for its target: the target must not depend on an entry of "by"');
    const { by, isEarly } = gradients.factor(op.total);
    const gradientScale = typeof by === "number" ? undefined : by;
    if (isEarly) {
      const gradient = gradients.early(op.input);
      gradients.amend({ gradient, gradientScale });
      gradients.pass(op.input, gradient);
      return;
    }
    // The factor on the gradient is known only now, so the loss is computed once more.
    const [input, target, total] = [
      gradients.kept(op.input),
      gradients.kept(op.target),
      gradients.temporary(ONE, "f32"),
    ];
    gradients.give(op.input, {}, ({ out }) => {
      builder.loss({ ...op, input, target, scale: op.scale * factorOf(by), total, gradient: out, gradientScale });
    });
  },
  reference(op, memory) {
    const [input, target, total] = [memory(op.input), memory(op.target), memory(op.total)];
    const gradient = op.gradient && memory(op.gradient);
    const gradientScale = op.gradientScale ? memory(op.gradientScale).get(0, 0) : 1;
    const { value, gradient: slope } = losses.get(op.loss);
    let sum = 0;
    input.each((i, j) => {
      const [x, t] = [input.get(i, j), target.get(i, j)];
      sum += value(x, t);
      gradient?.set(i, j, gradientScale * op.scale * slope(x, t));
    });
    total.set(0, 0, op.scale * sum);
  },
};
