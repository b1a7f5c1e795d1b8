/** A chain of an optimizer as ops, and the few numbers of it that change from step to step. */
import { UsageError } from "../error.js";
import { slice, type View } from "../program/buffer.js";
import { UPDATE_SCALARS } from "../program/op.js";
import type { ProgramBuilder } from "../program/program.js";
import { writeScalars } from "./optimizer.js";
import type { RatePosition } from "./rates.js";
import { linkState, type Optimizer, type Range, transformOps } from "./transform.js";

/** What an optimizer works on. */
export interface ChainOptions {
  readonly parameters: View;
  readonly gradients: View;
  /** Of the tensors that learn. */
  readonly tensors: readonly Range[];
}

/** The buffer of the number of the update. */
const UPDATE_NUMBER = "optimizer.t";
const scalarsOf = (link: number): string => `optimizer.${link}.scalars`;

const stateOf = (link: number, slot: string): string => `optimizer.${link}.${slot}`;

/** The names of the state vectors of a chain, which are as long as the parameters and begin as zeros. */
export const chainState = ({ links }: Optimizer): string[] =>
  links.flatMap((link, i) => linkState(link).map((slot) => stateOf(i, slot)));

/** Adds the update by `gradients`, which it may change. Buffers to fill for each step: those of `stepScalars`. */
export function chainOps(builder: ProgramBuilder, { links }: Optimizer, options: ChainOptions): void {
  const { parameters: p, gradients: g, tensors } = options;
  const t = builder.buffer(UPDATE_NUMBER, "f32", [1]);
  const rows = inRow(tensors);
  for (const [i, link] of links.entries()) {
    if ("rate" in link) continue;
    const scalars = builder.buffer(scalarsOf(i), "f32", [UPDATE_SCALARS]);
    const state = Object.fromEntries(
      linkState(link).map((slot) => [slot, builder.buffer(stateOf(i, slot), "f32", [p.columns])]),
    );
    if ("rule" in link) {
      for (const { offset, length } of rows) {
        const part = (view: View): View => slice(view, offset, 1, length);
        const views = { parameters: part(p), gradients: part(g), state: Object.values(state).map(part) };
        builder.update({ rule: link.rule, ...views, scalars });
      }
    } else {
      const ranges = link.transform.over === "tensor" ? tensors : rows;
      transformOps(builder, link.transform, { p, g, r: slice(scalars, 0, 1, 1), t, state }, ranges);
    }
  }
}

/** Neighbouring tensors as one range. */
function inRow(tensors: readonly Range[]): Range[] {
  const rows: Range[] = [];
  for (const { offset, length } of tensors) {
    const last = rows.at(-1);
    if (last && offset - (last.offset + last.length) < GAP)
      rows[rows.length - 1] = { ...last, length: offset + length - last.offset };
    else rows.push({ offset, length });
  }
  return rows;
}

/** Fewer elements than this between two tensors are what alignment leaves. */
const GAP = 64;

/** The learning rate of a chain at a step, as its last link with one has it. */
export function chainRate({ links }: Optimizer, position: RatePosition, factor = 1): number {
  const base = links.findLast((link) => "learningRate" in link && link.learningRate !== undefined);
  return (base && "learningRate" in base ? (base.learningRate ?? 1) : 1) * rateOf(links, position) * factor;
}

function rateOf(links: Optimizer["links"], position: RatePosition): number {
  return links.reduce((product, link) => ("rate" in link ? product * link.rate(position) : product), 1);
}

/** What the buffers of a step are to hold, by name. `factor` multiplies all rates. */
export function stepScalars({ links }: Optimizer, position: RatePosition, factor = 1): Record<string, Float32Array> {
  const rate = rateOf(links, position) * factor;
  if (!Number.isFinite(rate)) {
    throw new UsageError(`a schedule gives the factor ${rate} at step ${position.step}: it must be a finite number`);
  }
  const found: Record<string, Float32Array> = { [UPDATE_NUMBER]: Float32Array.of(position.step + 1) };
  for (const [i, link] of links.entries()) {
    if ("rate" in link) continue;
    const scalars = new Float32Array(UPDATE_SCALARS);
    const own = rate * (link.learningRate ?? 1);
    if ("rule" in link) writeScalars(scalars, 0, link.rule, own, position.step);
    else scalars[0] = own;
    found[scalarsOf(i)] = scalars;
  }
  return found;
}

/** Has the schedules of a chain know what an evaluation found. */
export function observeLoss({ links }: Optimizer, loss: number): void {
  for (const link of links) if ("rate" in link) link.rate.observe?.(loss);
}
