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
