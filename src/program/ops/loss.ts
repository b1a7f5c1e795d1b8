import { elements, type View } from "../buffer.js";
import { type Loss, losses } from "../loss.js";
import { type OpDefinition, present } from "../op-definition.js";

/**
 * `total = scale * sum(loss(input, target))` and, if wanted, `gradient = gradientScale * scale * dloss/dinput`. All but
 * total and gradientScale are float.
 */
export interface LossOp {
  readonly kind: "loss";
  readonly loss: Loss;
  readonly input: View;
  readonly target: View;
  readonly scale: number;
  /** `[1, 1]`; may be moved by a cursor, so that a table collects one loss a step. */
  readonly total: View;
  /** `[rows, columns]` as `input`; may be `input` itself. */
  readonly gradient?: View;
  /** `[1, 1]`, 1 where it is left out: see `LossScaleOp`. */
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
    if (op.gradient) gradients.refuse("writes a gradient already: leave that out where it is to be derived");
    if (gradients.wants(op.target))
      gradients.refuse("has no gradient rule for its target, which must not depend on parameters");
    const { by, isEarly } = gradients.factor(op.total);
    const gradientScale = typeof by === "number" ? undefined : by;
    if (isEarly) {
      const gradient = gradients.early(op.input);
      gradients.amend({ gradient, gradientScale });
      gradients.pass(op.input, gradient);
      return;
    }
    // What multiplies the gradient is known only now: the loss is taken once more.
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
