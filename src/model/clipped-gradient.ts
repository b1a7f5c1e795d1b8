/**
 * The sum of the gradients of single rows, each clipped, without the gradient of any of them (ghost clipping). It is made from the
 * program of a gradient, in which a dense layer computes that of its weights from its input X and the gradient D of its output, both
 * with a row for each example:
 *
 *     dW = X^T D,  db = sum of the rows of D           what the layer adds to |g_i|^2 is (|x_i|^2 + 1) |d_i|^2
 *     w_i = min(1, clip / |g_i|) counts[i]             after that of all layers is known
 *     dW = X^T (w D),  db = sum of the rows of w D
 *
 * Goodfellow 2015, "Efficient per-example gradient computations"; Lee & Kifer 2021. `counts` is 1 for a row that counts, and 0 for
 * one that fills up the program.
 */
import { UsageError } from "../error.js";
import type { View } from "../program/buffer.js";
import type { GemmOp, Op, SumRowsOp } from "../program/op.js";
import { ops } from "../program/op.js";
import { type Program, ProgramBuilder } from "../program/program.js";
import { PerRow } from "./per-row.js";

/** A layer's gradient, as the program computes it. */
interface LayerGradient {
  readonly weight: GemmOp;
  readonly bias?: SumRowsOp;
}

/**
 * @param program that of a gradient with `rows` rows: it writes the buffer `gradients`, and its scale is that of a batch of one
 * @throws UsageError for a model in which a row's gradient depends on other rows, or is not that of dense layers
 */
export function clippedGradient(program: Program, rows: number, clip: number): Program {
  const isGradient = (op: Op): boolean =>
    ops
      .get(op.kind)
      .operands(op)
      .writes.some(({ buffer }) => buffer === "gradients");
  const layers = layersOf(program.ops.filter(isGradient));
  const perRow = new PerRow(program, rows);
  for (const { weight } of layers) {
    if (!perRow.has(weight.a) || !perRow.has(weight.b))
      refuse("a row's gradient depends on other rows, as with batchNorm");
  }
  const builder = new ProgramBuilder(`${program.name}, clipped`);
  for (const { name, type, length } of program.buffers) builder.buffer(name, type, [length]);
  for (const op of program.ops) if (!isGradient(op)) builder.op(op);
  const factors = factorOps(builder, layers, rows, clip);
  const scaled = new Set<string>();
  for (const { weight, bias } of layers) {
    const gradient = weight.b;
    if (!scaled.has(gradient.buffer)) {
      builder.map({ expression: ["mul", "g", "w"], inputs: { g: gradient, w: factors }, out: gradient });
    }
    scaled.add(gradient.buffer);
    builder.op(weight);
    if (bias) builder.op(bias);
  }
  return builder.build();
}

function factorOps(builder: ProgramBuilder, layers: readonly LayerGradient[], rows: number, clip: number): View {
  const counts = builder.buffer("counts", "f32", [rows, 1]);
  const out = builder.buffer("squaredNorms", "f32", [rows, 1]);
  for (const [i, { weight, bias }] of layers.entries()) {
    builder.exampleNorms({ input: weight.a, gradient: weight.b, bias: bias !== undefined, accumulate: i > 0, out });
  }
  const factors = builder.buffer("clipFactors", "f32", [rows, 1]);
  return (
    builder.map({
      expression: ["mul", "counts", ["min", 1, ["div", clip, ["sqrt", "norms"]]]],
      inputs: { counts, norms: out },
      out: factors,
    }) && factors
  );
}

function layersOf(gradients: readonly Op[]): LayerGradient[] {
  const weights = gradients.filter((op): op is GemmOp => op.kind === "gemm");
  const biases = gradients.filter((op): op is SumRowsOp => op.kind === "sumRows");
  const isPlain = ({ transposeA, transposeB, accumulate, activation, bias, derivative }: GemmOp): boolean =>
    transposeA && !transposeB && !accumulate && activation === "linear" && !bias && !derivative;
  const layers = weights.map((weight) => ({ weight, bias: biases.find(({ input }) => isSame(input, weight.b)) }));
  const isWhole =
    weights.length + biases.length === gradients.length &&
    weights.every(isPlain) &&
    biases.every(({ accumulate }) => !accumulate) &&
    new Set(layers.map(({ bias }) => bias)).size === layers.length &&
    biases.every((bias) => layers.some((layer) => layer.bias === bias)) &&
    // A gradient that two layers share, as that of tied weights, is a sum, whose norm is not that of its terms.
    new Set(weights.map(({ out }) => out.offset)).size === weights.length &&
    new Set(weights.map(({ b }) => b.buffer)).size === weights.length;
  if (!isWhole) refuse("it has tensors that are not those of plain dense layers, as with tied weights or layerNorm");
  return layers;
}

const isSame = (a: View, b: View): boolean =>
  a.buffer === b.buffer && a.offset === b.offset && a.rows === b.rows && a.columns === b.columns;

function refuse(why: string): never {
  throw new UsageError(
    `this model cannot be trained privately: ${why}; take dense layers, with or without dropout, for strategy private`,
  );
}
