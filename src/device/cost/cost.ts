/**
 * The cost interpreter: what a program asks of any device, counted instead of run. Two numbers bound its speed
 * (Williams, Waterman & Patterson 2009, the roofline model): arithmetic done and bytes moved.
 *
 * Counting rules
 * - Flops are those of the op's definition: each addition, subtraction, multiplication, division, comparison, maximum,
 *   square root or call of exp, log, tanh counts one, whatever a device makes of it; a change of sign counts nothing. A
 *   sum counts one addition a term. So a gemm is 2 m n k plus its epilogue. Arithmetic on row numbers and cursors
 *   counts nothing.
 * - What depends on constants of the op alone (1 - beta1, 2 scale) counts nothing.
 * - Bytes are the least that can be moved: each operand of an op once, as if its cache held everything and nothing
 *   outlived the op. A gather reads the rows it takes, not the whole source; a cursor is one u32 more.
 */
import { BYTES_PER_ELEMENT, elements, type View } from "../../program/buffer.js";
import { type Activation, type Loss, type Op, type OpKind, operands, type UpdateRule } from "../../program/op.js";
import type { Program } from "../../program/program.js";

export interface Cost {
  readonly flops: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
}

export interface OpCost extends Cost {
  readonly kind: OpKind;
}

/** The cost of one run of a program: in all, of each op in order, and summed by kind of op. */
export interface ProgramCost extends Cost {
  readonly perOp: readonly OpCost[];
  readonly perKind: ReadonlyMap<OpKind, Cost>;
}

/** Counts one run of a program by the rules above. */
export function costOf(program: Program): ProgramCost {
  const perOp = program.ops.map((op) => ({ kind: op.kind, flops: flopsOf(op), ...bytesOf(op) }));
  const perKind = new Map<OpKind, Cost>();
  for (const cost of perOp) {
    perKind.set(cost.kind, sum([perKind.get(cost.kind) ?? NOTHING, cost]));
  }
  return { ...sum(perOp), perOp, perKind };
}

const NOTHING: Cost = { flops: 0, bytesRead: 0, bytesWritten: 0 };

function sum(costs: readonly Cost[]): Cost {
  return costs.reduce(
    (total, cost) => ({
      flops: total.flops + cost.flops,
      bytesRead: total.bytesRead + cost.bytesRead,
      bytesWritten: total.bytesWritten + cost.bytesWritten,
    }),
    NOTHING,
  );
}

function bytesOf(op: Op): Pick<Cost, "bytesRead" | "bytesWritten"> {
  const { reads, writes } = operands(op);
  const bytes = (view: View): number => {
    const rows = op.kind === "gather" && view === op.source ? op.out.rows : view.rows;
    return rows * view.columns * BYTES_PER_ELEMENT[view.type];
  };
  const total = (views: readonly View[]): number => views.reduce((sum, view) => sum + bytes(view), 0);
  const cursors = [...reads, ...writes].filter((view) => view.cursor !== undefined).length;
  return { bytesRead: total(reads) + cursors * BYTES_PER_ELEMENT.u32, bytesWritten: total(writes) };
}

const ACTIVATION_FLOPS: Readonly<Record<Activation, number>> = {
  linear: 0,
  relu: 1,
  "leaky-relu": 2,
  sigmoid: 3,
  tanh: 1,
  gelu: 9,
};

/** Of the derivative alone, without the product with the gradient. */
const DERIVATIVE_FLOPS: Readonly<Record<Activation, number>> = {
  linear: 0,
  relu: 1,
  "leaky-relu": 1,
  sigmoid: 2,
  tanh: 2,
  gelu: 18,
};

/** Of one element, the addition to the sum included; then of its gradient, the scale included. */
const LOSS_FLOPS: Readonly<Record<Loss, { readonly value: number; readonly gradient: number }>> = {
  mse: { value: 3, gradient: 2 },
  bce: { value: 8, gradient: 5 },
};

/** Of one parameter, without weight decay. */
const UPDATE_FLOPS: Readonly<Record<UpdateRule["name"], number>> = {
  sgd: 2,
  momentum: 4,
  nesterov: 6,
  adagrad: 7,
  rmsprop: 9,
  adadelta: 16,
  adam: 14,
  adamw: 14,
};

/** Of one parameter: `g + weightDecay p`, and for adamw `p - r weightDecay p`. */
const DECAY_FLOPS = { inGradient: 2, decoupled: 3 } as const;

function flopsOf(op: Op): number {
  switch (op.kind) {
    case "gemm": {
      const inner = op.transposeA ? op.a.rows : op.a.columns;
      return elements(op.out) * (2 * inner + epilogueFlops(op));
    }
    case "activate":
      return elements(op.out) * ACTIVATION_FLOPS[op.activation];
    case "activationGradient":
      return elements(op.out) * derivativeFlops(op.activation);
    case "loss": {
      const { value, gradient } = LOSS_FLOPS[op.loss];
      const scaled = op.gradientScale ? 1 : 0;
      return elements(op.input) * (value + (op.gradient ? gradient + scaled : 0)) + 1;
    }
    case "update": {
      const { name, weightDecay } = op.rule;
      const decay = weightDecay === 0 ? 0 : DECAY_FLOPS[name === "adamw" ? "decoupled" : "inGradient"];
      return elements(op.parameters) * (UPDATE_FLOPS[name] + decay + (op.gradientScale ? 1 : 0));
    }
    case "gather":
    case "scale":
      return elements(op.out);
    case "add":
      return 2 * elements(op.out);
    case "sumRows":
      return elements(op.input);
    case "norm":
      return 2 * elements(op.input) + 1;
    case "clipFactor":
      return 3;
    case "lossScale":
      // Of a step whose gradients are finite: one comparison each for that and for the interval, the count, the quotient.
      return 4 + (op.maximum === undefined ? 0 : 3);
    case "guard":
      // Of an open one: three comparisons and the count.
      return 4;
    case "copy":
    case "fill":
    case "advance":
      return 0;
  }
}

function epilogueFlops(op: Op & { kind: "gemm" }): number {
  return (
    (op.accumulate ? 1 : 0) +
    (op.bias ? 1 : 0) +
    ACTIVATION_FLOPS[op.activation] +
    (op.derivative ? derivativeFlops(op.derivative.activation) : 0)
  );
}

/** The derivative of `linear` is 1, and no product with it is taken. */
function derivativeFlops(activation: Activation): number {
  return activation === "linear" ? 0 : DERIVATIVE_FLOPS[activation] + 1;
}
