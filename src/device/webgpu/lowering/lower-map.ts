/** Lowers maps in a row: their expressions become WGSL, one statement for each step, on four neighbouring elements at a time. */
import { elements, type View } from "../../../program/buffer.js";
import type { Operand as CodeOperand, Step } from "../../../program/expression/code.js";
import type { MapWork } from "../../../program/fuse-maps.js";
import type { FunctionName } from "../../../program/op.js";
import { type Kernel, reads, type Target, workgroupsFor, writes } from "../kernel.js";
import { part, type Segment, segments } from "./lower-vector.js";

type Formula = (...args: readonly string[]) => string;

/** The WGSL of each function. Bounds use `select`, which keeps NaN; `max` and `min` may drop it. The bits of a number tell a NaN. */
const WGSL: Readonly<Record<FunctionName, Formula>> = {
  add: (a, b) => `${a} + ${b}`,
  sub: (a, b) => `${a} - ${b}`,
  mul: (a, b) => `${a} * ${b}`,
  div: (a, b) => `${a} / ${b}`,
  neg: (x) => `-${x}`,
  abs: (x) => `abs(${x})`,
  sqrt: (x) => `sqrt(${x})`,
  exp: (x) => `exp(${x})`,
  log: (x) => `log(${x})`,
  tanh: (x) => `hyperbolic_tangent(${x})`,
  sigmoid: (x) => `sigmoid(${x})`,
  max: (a, b) => `select(select(${a}, ${b}, ${a} < ${b}), ${b}, is_nan(${b}))`,
  min: (a, b) => `select(select(${a}, ${b}, ${b} < ${a}), ${b}, is_nan(${b}))`,
  less: (a, b) => `select(vec4f(0.0), vec4f(1.0), ${a} < ${b})`,
  where: (condition, yes, no) => `select(${no}, ${yes}, (${condition} != vec4f(0.0)) | is_nan(${condition}))`,
};

const inputName = (index: number): string => `in${index}`;

/** The name of an output; the last one is `out`, which the shader writes itself. */
const outName = (index: number, { outs }: MapWork): string => (index === outs.length - 1 ? "out" : `out${index}`);

export function lowerMaps(work: MapWork, target: Target): Kernel[] {
  const { inputs, outs } = work;
  const out = outs[outs.length - 1].view;
  const modules = { "expression.wgsl": expressionModule(work, out) };
  return segments(elements(out), target).map((segment): Kernel => {
    const fours = segment.length % 4 === 0 && segment.start % 4 === 0;
    return {
      shader: "map",
      modules,
      constants: { LENGTH: segment.length, START: segment.start, COLUMNS: out.columns },
      conditions: [],
      operands: [
        ...outs.map(({ view }, i) => writes(outName(i, work), part(view, segment), fours)),
        ...inputs.map((view, i) => reads(inputName(i), boundPart(view, out, segment), isWhole(view, out) && fours)),
      ],
      workgroups: workgroupsFor(Math.ceil(segment.length / 4)),
    };
  });
}

const isWhole = (view: View, out: View): boolean => view.rows === out.rows && view.columns === out.columns;

/** The piece of an input that a segment of `out` needs: all of it where the input is broadcast. */
const boundPart = (view: View, out: View, segment: Segment): View => (isWhole(view, out) ? part(view, segment) : view);

/** The module with the function `result`. */
function expressionModule(work: MapWork, out: View): string {
  const { inputs, steps, outs } = work;
  const nameOf = (operand: CodeOperand): string => {
    if ("input" in operand) return `x${operand.input}`;
    return "constant" in operand ? `vec4f(${literal(operand.constant)})` : `t${operand.step}`;
  };
  // What has only constants is worked out when the kernel runs: as the compiler works it out, infinity is an error.
  const statement = ({ name, args }: Step, i: number): string => {
    const isConstant = args.every((arg) => "constant" in arg);
    const names = args.map((arg, k) => (isConstant ? `c${i}_${k}` : nameOf(arg)));
    const variables = isConstant ? args.map((arg, k) => `var ${names[k]} = ${nameOf(arg)}; `) : [];
    return `  ${variables.join("")}let t${i} = ${WGSL[name](...names)};`;
  };
  const accessors = inputs.map((view, i) => `${isWhole(view, out) ? "read4" : "read"}_${inputName(i)}`);
  const others = outs.slice(0, -1).map(({ result }, i) => ({ write: `write4_${outName(i, work)}`, result }));
  const imported = [...accessors, ...others.map(({ write }) => write)];
  return [
    `import constants::{COLUMNS, ${others.length > 0 ? "LENGTH, " : ""}START};`,
    "import package::shared::activation::{hyperbolic_tangent, is_nan, sigmoid};",
    ...(imported.length > 0 ? [`import package::operands::{${imported.join(", ")}};`] : []),
    "fn result(i: u32) -> vec4f {",
    ...inputs.map((view, i) => `  let x${i} = ${readOf(view, out, accessors[i])};`),
    ...steps.map(statement),
    ...others.map(({ write, result }) => `  ${write}(i, ${nameOf(result)}, LENGTH - i);`),
    `  return ${nameOf(outs[outs.length - 1].result)};`,
    "}",
  ].join("\n");
}

/** Reads four neighbours of an input. Where the input is broadcast, each of the four is found by its row and column. */
function readOf(view: View, out: View, accessor: string): string {
  if (isWhole(view, out)) return `${accessor}(i)`;
  if (view.rows === 1 && view.columns === 1) return `vec4f(${accessor}(0u))`;
  const at = (k: number): string => `(START + i + ${k}u) ${view.rows === 1 ? "%" : "/"} COLUMNS`;
  return `vec4f(${[0, 1, 2, 3].map((k) => `${accessor}(${at(k)})`).join(", ")})`;
}

/** A number as a literal with a point or an exponent, so that WGSL reads a float. */
function literal(value: number): string {
  const text = String(Math.fround(value));
  return /[.e]/.test(text) ? text : `${text}.0`;
}
