/**
 * The definition of every op as the most obvious loop in float64: the oracle that the other devices are tested against.
 * One function an op, each the comment of `program/op.ts` again. Nothing here is fast, and nothing should be made so.
 */
import type { View } from "../../program/buffer.js";
import {
  type ActivateOp,
  type ActivationGradientOp,
  type AddOp,
  type AdvanceOp,
  type ClipFactorOp,
  type CopyOp,
  type FillOp,
  type GatherOp,
  type GemmOp,
  type GuardOp,
  LOSS_SCALES,
  type LossOp,
  type LossScaleOp,
  type NormOp,
  type Op,
  type ScaleOp,
  type SumRowsOp,
  type UpdateOp,
} from "../../program/op.js";
import { activate, derivative } from "./activation.js";
import { lossGradient, lossOf } from "./loss.js";
import type { Matrix } from "./matrix.js";
import { update } from "./update.js";

/** The memory behind a view at this moment: where its cursor has moved it. */
export type Memory = (view: View) => Matrix;

export function interpret(op: Op, memory: Memory): void {
  switch (op.kind) {
    case "gather":
      gather(op, memory);
      break;
    case "gemm":
      gemm(op, memory);
      break;
    case "activate":
      activateAll(op, memory);
      break;
    case "activationGradient":
      activationGradient(op, memory);
      break;
    case "loss":
      loss(op, memory);
      break;
    case "sumRows":
      sumRows(op, memory);
      break;
    case "update":
      updateAll(op, memory);
      break;
    case "scale":
      scale(op, memory);
      break;
    case "add":
      add(op, memory);
      break;
    case "copy":
      copy(op, memory);
      break;
    case "fill":
      fill(op, memory);
      break;
    case "norm":
      norm(op, memory);
      break;
    case "clipFactor":
      clipFactor(op, memory);
      break;
    case "lossScale":
      lossScale(op, memory);
      break;
    case "guard":
      guard(op, memory);
      break;
    case "advance":
      advance(op, memory);
  }
}

function gather(op: GatherOp, memory: Memory): void {
  const [source, rows, out] = [memory(op.source), memory(op.rows), memory(op.out)];
  out.each((i, j) => {
    const row = Math.min(rows.get(0, i), source.rows - 1);
    out.set(i, j, op.scale * source.get(row, j));
  });
}

function gemm(op: GemmOp, memory: Memory): void {
  const [a, b, out] = [memory(op.a), memory(op.b), memory(op.out)];
  const bias = op.bias && memory(op.bias);
  const preActivation = op.preActivation && memory(op.preActivation);
  const at = op.derivative && memory(op.derivative.at);
  const inner = op.transposeA ? a.rows : a.columns;
  out.each((i, j) => {
    let value = 0;
    for (let k = 0; k < inner; k++) {
      value += (op.transposeA ? a.get(k, i) : a.get(i, k)) * (op.transposeB ? b.get(j, k) : b.get(k, j));
    }
    if (op.accumulate) value += out.get(i, j);
    if (bias) value += bias.get(0, j);
    preActivation?.set(i, j, value);
    value = activate(op.activation, value);
    if (op.derivative && at) value *= derivative(op.derivative.activation, at.get(i, j));
    out.set(i, j, value);
  });
}

function activateAll(op: ActivateOp, memory: Memory): void {
  const [input, out] = [memory(op.input), memory(op.out)];
  out.each((i, j) => {
    out.set(i, j, activate(op.activation, input.get(i, j)));
  });
}

function activationGradient(op: ActivationGradientOp, memory: Memory): void {
  const [at, gradient, out] = [memory(op.at), memory(op.gradient), memory(op.out)];
  out.each((i, j) => {
    out.set(i, j, gradient.get(i, j) * derivative(op.activation, at.get(i, j)));
  });
}

function loss(op: LossOp, memory: Memory): void {
  const [input, target, total] = [memory(op.input), memory(op.target), memory(op.total)];
  const gradient = op.gradient && memory(op.gradient);
  const gradientScale = op.gradientScale ? memory(op.gradientScale).get(0, 0) : 1;
  let sum = 0;
  input.each((i, j) => {
    const [x, t] = [input.get(i, j), target.get(i, j)];
    sum += lossOf(op.loss, x, t);
    gradient?.set(i, j, gradientScale * op.scale * lossGradient(op.loss, x, t));
  });
  total.set(0, 0, op.scale * sum);
}

function sumRows(op: SumRowsOp, memory: Memory): void {
  const [input, out] = [memory(op.input), memory(op.out)];
  for (let j = 0; j < input.columns; j++) {
    let sum = op.accumulate ? out.get(0, j) : 0;
    for (let i = 0; i < input.rows; i++) {
      sum += input.get(i, j);
    }
    out.set(0, j, sum);
  }
}

function updateAll(op: UpdateOp, memory: Memory): void {
  const [parameters, gradients, scalars] = [memory(op.parameters), memory(op.gradients), memory(op.scalars)];
  const state = op.state.map(memory);
  const [r, c1, c2] = [0, 1, 2].map((column) => scalars.get(0, column));
  const factor = op.gradientScale ? memory(op.gradientScale).get(0, 0) : 1;
  if (factor === 0 || (op.gate && memory(op.gate).get(0, 0) === 0)) return;
  parameters.each((i, j) => {
    const before = { p: parameters.get(i, j), state: state.map((slot) => slot.get(i, j)) };
    const after = update(op.rule, before, factor * gradients.get(i, j), { r, c1, c2 });
    parameters.set(i, j, after.p);
    state.forEach((slot, s) => {
      slot.set(i, j, after.state[s]);
    });
  });
}

function scale(op: ScaleOp, memory: Memory): void {
  const [input, out] = [memory(op.input), memory(op.out)];
  out.each((i, j) => {
    out.set(i, j, op.factor * input.get(i, j));
  });
}

function add(op: AddOp, memory: Memory): void {
  const [a, b, out] = [memory(op.a), memory(op.b), memory(op.out)];
  out.each((i, j) => {
    out.set(i, j, a.get(i, j) + op.factor * b.get(i, j));
  });
}

function copy(op: CopyOp, memory: Memory): void {
  const [input, out] = [memory(op.input), memory(op.out)];
  out.each((i, j) => {
    out.set(i, j, input.get(i, j));
  });
}

function fill(op: FillOp, memory: Memory): void {
  const out = memory(op.out);
  out.each((i, j) => {
    out.set(i, j, op.value);
  });
}

function norm(op: NormOp, memory: Memory): void {
  const input = memory(op.input);
  let sum = 0;
  input.each((i, j) => {
    sum += input.get(i, j) ** 2;
  });
  memory(op.out).set(0, 0, Math.sqrt(sum));
}

function clipFactor(op: ClipFactorOp, memory: Memory): void {
  const length = memory(op.norm).get(0, 0);
  memory(op.out).set(0, 0, length === 0 ? 1 : Math.min(1, op.maximum / length));
}

function lossScale(op: LossScaleOp, memory: Memory): void {
  const [state, out] = [memory(op.state), memory(op.out)];
  const norm = memory(op.norm).get(0, 0);
  const [least, greatest] = LOSS_SCALES;
  const [scale, steps] = [state.get(0, 0), state.get(0, 1) + 1];
  if (!Number.isFinite(norm)) {
    out.set(0, 0, 0);
    state.set(0, 0, Math.max(least, scale / 2));
    state.set(0, 1, 0);
    return;
  }
  const clip = op.maximum === undefined || norm === 0 ? 1 : Math.min(1, (op.maximum * scale) / norm);
  out.set(0, 0, clip / scale);
  state.set(0, 0, steps < op.interval ? scale : Math.min(greatest, 2 * scale));
  state.set(0, 1, steps < op.interval ? steps : 0);
}

function guard(op: GuardOp, memory: Memory): void {
  const state = memory(op.state);
  const isSound = [op.norm, op.loss].every((view) => Number.isFinite(memory(view).get(0, 0)));
  const isOpen = state.get(0, 0) !== 0 && isSound;
  memory(op.out).set(0, 0, isOpen ? 1 : 0);
  state.set(0, 0, isOpen ? 1 : 0);
  if (isOpen) state.set(0, 1, state.get(0, 1) + 1);
}

function advance(op: AdvanceOp, memory: Memory): void {
  const cursor = memory(op.cursor);
  cursor.set(0, 0, cursor.get(0, 0) + 1);
}
