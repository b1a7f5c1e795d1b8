/** A model and a loss as one program of parameters, gradients and loss, for central differences. */

import { learnedModel } from "../../src/model/learned.js";
import type { ModelLoss } from "../../src/model/losses/loss.js";
import { type Layer, type Mode, Scope } from "../../src/model/scope.js";
import { LaidOutTensors } from "../../src/model/tensors.js";
import { differentiate } from "../../src/program/differentiate.js";
import { ProgramBuilder } from "../../src/program/program.js";
import type { GradientCheck } from "../support/gradient-check.js";

interface Modelled {
  readonly model: Layer;
  readonly loss: ModelLoss;
  readonly rows?: number;
  readonly features: number;
  readonly targets: number;
  readonly mode?: Mode;
}

const numbers = (length: number, seed: number): Float64Array =>
  Float64Array.from({ length }, (_, i) => 0.8 * Math.sin(seed + 1.7 * i + i * i));

/** @param target what to draw targets from; default numbers around 0 */
export function modelled(given: Modelled, target = (length: number) => numbers(length, 5)): GradientCheck {
  const { model, loss, rows = 4, features, targets, mode = "train" } = given;
  const learned = learnedModel({ model, loss, features, targets, precision: "f32" });
  const builder = new ProgramBuilder("modelled");
  const [parameters, gradients] = ["parameters", "gradients"].map((name) =>
    builder.buffer(name, "f32", [learned.layout.length]),
  );
  const states = Math.max(1, learned.stateLayout.length);
  const [state, nextState] = ["state", "nextState"].map((name) => builder.buffer(name, "f32", [states]));
  const x = builder.buffer("x", "f32", [rows, features]);
  const wanted = builder.buffer("target", "f32", [rows, targets]);
  const position = builder.buffer("position", "u32", [2]);
  const tensors = new LaidOutTensors(learned, { parameters, weights: parameters, state, nextState });
  const noise = { seed: 3, position, row: 0 };
  const scope = Scope.root({ builder, tensors, mode, precision: "f32", batch: rows, noise });
  loss(scope, model(scope, x), wanted);
  const total = builder.buffer("loss", "f32", [1]);
  const sum = scope.terms.reduce<ReturnType<typeof builder.buffer> | undefined>((a, { value, weight }, i) => {
    const out = builder.buffer(`total.${i}`, "f32", [1]);
    if (a) builder.add({ a, b: value, factor: weight, out });
    else builder.scale({ input: value, factor: weight, out });
    return out;
  }, undefined);
  if (!sum) throw new Error("no term");
  builder.copy({ input: sum, out: total });
  differentiate(builder, {
    of: total,
    by: scope.parameters.map(({ name, view }) => ({ view, into: learned.layout.view(gradients, name) })),
  });
  return {
    program: builder.build(),
    parameters: numbers(learned.layout.length, 1),
    inputs: { x: numbers(rows * features, 2), target: target(rows * targets), position: Uint32Array.of(7, 2) },
    views: Object.fromEntries(scope.parameters.map(({ name, view }) => [name, view])),
  };
}
