import { elements, FLOATS, type View } from "../buffer.js";
import { type Code, codeFlops, codeOf, evaluate } from "../expression/code.js";
import { derivativeOf, type Expression, expressionFault, isChoice, scaledBy } from "../expression/expression.js";
import type { Gradients } from "../gradient-rule.js";
import type { OpDefinition } from "../op-definition.js";

/**
 * `out = expression(inputs)`, elementwise: a formula as data, whose inputs have names, such as
 * `{ expression: ["mul", "x", ["sigmoid", "x"]], inputs: { x }, out }`. Each input is float. It has the shape of `out`, `[m, n]`, or
 * is broadcast to it: `[1, n]` to every row, `[m, 1]` to every column, `[1, 1]` to all elements. `out` may be an input that has its
 * shape.
 */
export interface MapOp {
  readonly kind: "map";
  readonly expression: Expression;
  readonly inputs: Readonly<Record<string, View>>;
  readonly out: View;
}

/** Most inputs of one op: every GPU can bind that number beside the output. */
const MOST_INPUTS = 7;

const sameShape = (a: View, b: View): boolean => a.rows === b.rows && a.columns === b.columns;

/** The steps of the expression, with inputs in the order of `inputs`. */
export function mapCode({ expression, inputs }: MapOp): Code {
  return codeOf(expression, Object.keys(inputs));
}

export const map: OpDefinition<MapOp> = {
  name: "map",
  keys: { expression: "required", inputs: "required", out: "required" },
  operands: ({ inputs, out }) => ({ reads: Object.values(inputs), writes: [out] }),
  inPlace: ({ inputs, out }) => Object.values(inputs).filter((input) => sameShape(input, out)),
  check({ expression, inputs, out }, rules) {
    const names = Object.keys(inputs);
    rules.rule(names.length <= MOST_INPUTS, `takes at most ${MOST_INPUTS} inputs, got ${names.length}`);
    const fault = expressionFault(expression, names);
    rules.rule(fault === undefined, `expression: ${fault}`);
    rules.typed({ ...inputs, out }, ...FLOATS);
    for (const [name, { rows, columns }] of Object.entries(inputs)) {
      const fits = (rows === out.rows || rows === 1) && (columns === out.columns || columns === 1);
      rules.rule(
        fits,
        `${name} must be [${out.rows}, ${out.columns}], [1, ${out.columns}], [${out.rows}, 1] or [1, 1], got [${rows}, ${columns}]`,
      );
    }
  },
  flops: (op) => elements(op.out) * codeFlops(mapCode(op)),
  gradient(op, gradients) {
    const upstream = unusedName(op.inputs);
    const g = gradients.of(op.out);
    for (const [name, input] of Object.entries(op.inputs)) {
      const slope = derivativeOf(op.expression, name);
      const expression: Expression =
        slope === 1 || isChoice(slope) ? scaledBy(upstream, slope) : ["mul", upstream, slope];
      const inputs = { ...used(op.inputs, slope, gradients), [upstream]: g };
      if (sameShape(input, op.out)) {
        gradients.give(input, {}, ({ out }) => {
          gradients.builder.map({ expression, inputs, out });
        });
      } else if (gradients.wants(input)) {
        const each = gradients.temporary(op.out, "f32");
        gradients.builder.map({ expression, inputs, out: each });
        giveSum(gradients, input, each);
      }
    }
  },
  reference(op, memory) {
    const code = mapCode(op);
    const inputs = Object.values(op.inputs).map(memory);
    const out = memory(op.out);
    out.each((i, j) => {
      const values = inputs.map((input) => input.get(input.rows === 1 ? 0 : i, input.columns === 1 ? 0 : j));
      out.set(i, j, evaluate(code, values));
    });
  },
};

/** Gives a broadcast input the sum of the gradients of all elements to which it was broadcast. */
function giveSum(gradients: Gradients, input: View, each: View): void {
  const { builder } = gradients;
  gradients.give(input, { accumulates: true, types: ["f32"] }, (to) => {
    if (input.columns > 1) {
      builder.sumRows({ input: each, ...to });
      return;
    }
    const rows = input.rows === 1 && each.rows > 1 ? gradients.temporary({ ...each, rows: 1 }, "f32") : each;
    if (rows !== each) builder.sumRows({ input: each, out: rows });
    const ones = gradients.temporary({ ...each, rows: each.columns, columns: 1 }, "f32");
    builder.fill({ value: 1, out: ones }).gemm({ a: rows, b: ones, ...to });
  });
}

/** The inputs that an expression names, with the contents that the op read. */
function used(inputs: MapOp["inputs"], expression: Expression, gradients: Gradients): Record<string, View> {
  const names = new Set<string>();
  const visit = (part: Expression): void => {
    if (typeof part === "string") names.add(part);
    else if (typeof part !== "number") part.slice(1).forEach(visit);
  };
  visit(expression);
  return Object.fromEntries([...names].map((name) => [name, gradients.kept(inputs[name])]));
}

function unusedName(inputs: MapOp["inputs"]): string {
  let name = "gradient";
  while (Object.hasOwn(inputs, name)) name += "_";
  return name;
}
