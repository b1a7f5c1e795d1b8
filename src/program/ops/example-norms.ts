import { elements, type View } from "../buffer.js";
import type { Gradients } from "../gradient-rule.js";
import { type OpDefinition, present } from "../op-definition.js";

/**
 * `out[i, 0] = (accumulate ? out[i, 0] : 0) + (|input[i, :]|^2 + (bias ? 1 : 0)) |gradient[i, :]|^2`: the squared norm of what row i, an example,
 * adds to the gradient of a dense layer with that `input`, where `gradient` is that of its output before the activation. With `bias` the
 * gradient of the bias counts, too. The sum over layers is the squared norm of the example's whole gradient, which no layer makes
 * (Goodfellow 2015, "Efficient per-example gradient computations"). `input` and `gradient` are float, `out` is f32.
 */
export interface ExampleNormsOp {
  readonly kind: "exampleNorms";
  readonly input: View;
  readonly gradient: View;
  readonly bias: boolean;
  readonly accumulate: boolean;
  readonly out: View;
}

export const exampleNorms: OpDefinition<ExampleNormsOp> = {
  name: "exampleNorms",
  keys: { input: "required", gradient: "required", bias: "required", accumulate: "required", out: "required" },
  operands: ({ input, gradient, accumulate, out }) => ({
    reads: present(input, gradient, accumulate ? out : undefined),
    writes: [out],
  }),
  check({ input, gradient, out }, rules) {
    rules.float({ input, gradient });
    rules.f32({ out });
    rules.shape("gradient", gradient, input.rows, gradient.columns);
    rules.shape("out", out, input.rows, 1);
  },
  flops: ({ input, gradient, bias, accumulate, out }) =>
    2 * (elements(input) + elements(gradient)) + (1 + Number(bias) + Number(accumulate)) * out.rows,
  gradient({ input, gradient, bias, accumulate, out }, gradients) {
    const g = gradients.of(out, "f32");
    const given = { input: gradients.kept(input), gradient: gradients.kept(gradient) };
    gradients.give(input, {}, (to) => scaledRows(gradients, given.input, g, given.gradient, 0, to.out));
    gradients.give(gradient, {}, (to) => scaledRows(gradients, given.gradient, g, given.input, Number(bias), to.out));
    if (accumulate) gradients.pass(out, g);
  },
  reference(op, memory) {
    const [input, gradient, out] = [memory(op.input), memory(op.gradient), memory(op.out)];
    for (let i = 0; i < out.rows; i++) {
      let [ofInput, ofGradient] = [op.bias ? 1 : 0, 0];
      for (let j = 0; j < input.columns; j++) ofInput += input.get(i, j) ** 2;
      for (let j = 0; j < gradient.columns; j++) ofGradient += gradient.get(i, j) ** 2;
      out.set(i, 0, (op.accumulate ? out.get(i, 0) : 0) + ofInput * ofGradient);
    }
  },
};

/** `out[i, j] = 2 x[i, j] g[i] (|other[i, :]|^2 + more)` */
function scaledRows(gradients: Gradients, x: View, g: View, other: View, more: number, out: View): void {
  const squares = gradients.temporary(other, "f32");
  const norms = gradients.temporary({ ...other, columns: 1 }, "f32");
  gradients.builder
    .map({ expression: ["mul", "x", "x"], inputs: { x: other }, out: squares })
    .reduce({ by: "sum", over: "columns", input: squares, out: norms })
    .map({ expression: ["mul", ["mul", 2, "x"], ["mul", "g", ["add", "n", more]]], inputs: { x, g, n: norms }, out });
}
