/**
 * Optimizers of formulas: a chain of transforms, each of which keeps state and assigns to the gradient, to its state or to the
 * parameter. One of a user's own is such a record; the library's rules with kernels of their own are links of the same chain.
 */
import { brief, UsageError } from "../error.js";
import { slice, type View } from "../program/buffer.js";
import { type Expression, stateSlots, type UpdateRule } from "../program/op.js";
import type { ProgramBuilder } from "../program/program.js";
import type { RateFactor } from "./rates.js";

/**
 * `update` is a list of assignments, in their order, as in a program: each to `g` (the gradient), `p` (the parameter) or a state
 * vector, of a formula over those, `r` (the learning rate), `t` (the number of the update, from 1) and
 * the `norms`.
 * Such as `{ state: ["m"], update: { m: ["add", ["mul", 0.9, "m"], "g"], p: ["sub", "p", ["mul", "r", "m"]] } }`.
 */
export interface Transform {
  /** Vectors as long as the parameters, zero at first. Default: none. */
  readonly state?: readonly string[];
  /** Scalars by name: the norm of `g`, of `p` or of a state vector, as it is before or after the assignment to it. Default: none. */
  readonly norms?: Readonly<Record<string, { readonly of: string; readonly after?: string }>>;
  /** Whether norms are those of all parameters or of each tensor by itself. Default: all. */
  readonly over?: "all" | "tensor";
  readonly update: Readonly<Record<string, Expression>>;
}

/** A link of a chain. */
export type Link =
  | { readonly transform: Transform; readonly learningRate?: number }
  | { readonly rule: UpdateRule; readonly learningRate: number }
  | { readonly rate: RateFactor };

/** What updates parameters by gradients: links in their order. */
export interface Optimizer {
  readonly links: readonly Link[];
}

/**
 * Optimizers and their parts one after the other: clipping, weight decay, schedules, and at the end a rule.
 * @example
 * ```ts
 * import { fit, layers, losses, optimizers, schedules } from "dawnpour";
 *
 * const { adam, chain, clipByNorm, schedule } = optimizers;
 * const optimizer = chain(clipByNorm(1), schedule(schedules.cosine({ warmup: 2 })), adam({ learningRate: 0.01 }));
 * const x = Float32Array.from({ length: 40 }, (_, i) => Math.sin(i));
 * const data = { x, features: 4, y: x.slice(0, 10) };
 * using fitted = await fit(layers.dense(1), losses.mse(), data, { epochs: 2, optimizer });
 * console.log(fitted.history.length); // 2
 * ```
 */
export function chain(...parts: readonly Optimizer[]): Optimizer {
  if (parts.length === 0) throw new UsageError("chain: needs at least one optimizer");
  return { links: parts.flatMap((part) => checkedLinks(part, "chain")) };
}

/** @throws UsageError when `optimizer` is none */
function checkedLinks(optimizer: Optimizer, where: string): readonly Link[] {
  const links: unknown = optimizer?.links;
  if (Array.isArray(links) && typeof optimizer !== "function") return links;
  throw new UsageError(`${where}: an optimizer is what optimizers.adam() returns, got ${brief(optimizer)}`);
}

/** Refuses a chain that leaves the parameters as they are, and one whose end changes gradients that nothing reads. */
export function checkLearns(optimizer: Optimizer): void {
  const links = checkedLinks(optimizer, "optimizer").filter((link) => !("rate" in link));
  const assigned = links.map((link) => ("transform" in link ? Object.keys(link.transform.update) : ["p"]));
  const last = assigned.findLastIndex((targets) => targets.includes("p"));
  if (last < 0) {
    throw new UsageError(
      "optimizer: it changes no parameter: put a rule, such as optimizers.adam(), at the end of a chain",
    );
  }
  if (assigned.slice(last + 1).some((targets) => targets.every((target) => target === "g"))) {
    throw new UsageError("optimizer: a link changes the gradient after the last rule: put it before the rule");
  }
}

/**
 * An optimizer of one's own, or a step before one. `learningRate` is `r` where a schedule has not changed it.
 * @example
 * ```ts
 * import { fit, layers, losses, optimizers } from "dawnpour";
 *
 * const momentum = optimizers.custom(
 *   { state: ["m"], update: { m: ["add", ["mul", 0.9, "m"], "g"], p: ["sub", "p", ["mul", "r", "m"]] } },
 *   0.01,
 * );
 * const x = Float32Array.from({ length: 40 }, (_, i) => Math.sin(i));
 * const data = { x, features: 4, y: x.slice(0, 10) };
 * using fitted = await fit(layers.dense(1), losses.mse(), data, { epochs: 2, optimizer: momentum });
 * console.log(fitted.history.length); // 2
 * ```
 */
export function custom(transform: Transform, learningRate?: number): Optimizer {
  return { links: [{ transform, ...(learningRate !== undefined && { learningRate }) }] };
}

/** The names of the state vectors of a link. */
export function linkState(link: Link): readonly string[] {
  if ("rule" in link) return stateSlots(link.rule.name);
  return "transform" in link ? (link.transform.state ?? []) : [];
}

/** What a transform works on. */
interface TransformVectors {
  readonly p: View;
  readonly g: View;
  readonly r: View;
  readonly t: View;
  readonly state: Readonly<Record<string, View>>;
}

const RESERVED = ["p", "g", "r", "t"];

/** A range of a flat vector. */
export interface Range {
  readonly offset: number;
  readonly length: number;
}

/** Adds the ops of a transform, over those ranges of the vectors: of each tensor, or of several tensors in a row. */
export function transformOps(
  builder: ProgramBuilder,
  transform: Transform,
  vectors: TransformVectors,
  ranges: readonly Range[],
): void {
  const { state = [], norms = {} } = transform;
  const taken = [...state, ...Object.keys(norms)].find((name) => RESERVED.includes(name));
  if (taken !== undefined) throw new UsageError(`optimizer: "${taken}" has a meaning already: give it another name`);
  const scalars = { r: vectors.r, t: vectors.t };
  const whole = { ...vectors.state, p: vectors.p, g: vectors.g };
  const parts = ranges.map(({ offset, length }) =>
    Object.fromEntries(Object.entries(whole).map(([name, view]) => [name, slice(view, offset, 1, length)])),
  );
  if (transform.over === "tensor") for (const part of parts) assign(builder, transform, [part], part, scalars);
  else assign(builder, transform, parts, whole, scalars);
}

type Vectors = Readonly<Record<string, View>>;

/** @param whole what norms are taken of; `parts` of it are assigned to */
function assign(
  builder: ProgramBuilder,
  { update, norms = {} }: Transform,
  parts: readonly Vectors[],
  whole: Vectors,
  given: Vectors,
): void {
  const scalars: Record<string, View> = { ...given };
  const takeNorms = (after: string | undefined): void => {
    for (const [name, norm] of Object.entries(norms)) {
      if (norm.after !== after) continue;
      const input = whole[norm.of];
      if (!input) throw new UsageError(`optimizer: norm ${name} is of ${unknown(norm.of, whole)}`);
      scalars[name] = builder.buffer(builder.unusedName(`optimizer.${name}`), "f32", [1]);
      builder.norm({ input, out: scalars[name] });
    }
  };
  takeNorms(undefined);
  for (const [target, expression] of Object.entries(update)) {
    if (!whole[target]) throw new UsageError(`optimizer: an assignment is to ${unknown(target, whole)}`);
    for (const part of parts) {
      builder.map({ expression, inputs: namedIn(expression, { ...part, ...scalars }), out: part[target] });
    }
    takeNorms(target);
  }
}

const unknown = (name: string, vectors: Vectors): string =>
  `${brief(name)}, which is none of ${Object.keys(vectors).join(", ")}`;

/** The views that a formula names. */
function namedIn(expression: Expression, views: Readonly<Record<string, View>>): Record<string, View> {
  const names = new Set<string>();
  const visit = (part: Expression): void => {
    if (typeof part === "string") names.add(part);
    else if (typeof part !== "number") part.slice(1).forEach(visit);
  };
  visit(expression);
  return Object.fromEntries(Object.entries(views).filter(([name]) => names.has(name)));
}
