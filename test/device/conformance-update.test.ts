/** Every update rule, the loss scale and the guard, on every device present against the float64 reference, over several steps. */
import { describe, it } from "vitest";
import type { View } from "../../src/program/buffer.js";
import { FIRST_GUARD, stateSlots, type UpdateRule } from "../../src/program/op.js";
import { expectAgreement } from "../support/agreement.js";
import { describeEveryDevice } from "../support/devices.js";
import { between, type Draw, normal, Scenario, zero } from "../support/scenario.js";

const STEPS = 5;

const rules = (weightDecay: number): UpdateRule[] => [
  { name: "sgd", weightDecay },
  { name: "momentum", mu: 0.9, weightDecay },
  { name: "nesterov", mu: 0.95, weightDecay },
  { name: "adagrad", epsilon: 1e-10, weightDecay },
  { name: "rmsprop", rho: 0.99, epsilon: 1e-8, weightDecay },
  { name: "adadelta", rho: 0.9, epsilon: 1e-6, weightDecay },
  { name: "adam", beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay },
  { name: "adamw", beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay },
];

interface Options {
  readonly shape?: readonly [number, number];
  readonly gradients?: Draw;
  readonly parameters?: Draw;
  /** Scales the gradients by the factor that clipping computes from their norm. */
  readonly clipped?: boolean;
}

/** The table that a trainer writes: for each step the learning rate, c1, c2 and an unused entry. */
function scalarsOf(rule: UpdateRule): number[] {
  const [b1, b2] = "beta1" in rule ? [rule.beta1, rule.beta2] : [0, 0];
  return Array.from({ length: STEPS }, (_, i) => [0.1 / (i + 1), 1 - b1 ** (i + 1), 1 - b2 ** (i + 1), 0]).flat();
}

/** The factor that brings `gradients` down to a norm of 1. */
function clipFactor(scenario: Scenario, gradients: View): View {
  const [norm, out] = [scenario.f32("norm", [1, 1]), scenario.f32("factor", [1, 1])];
  scenario.builder.norm({ input: gradients, out: norm }).clipFactor({ norm, maximum: 1, out });
  return out;
}

/** `STEPS` updates. Each has its own learning rate from a table, and half the gradient of the one before. */
function updates(name: string, rule: UpdateRule, options: Options = {}): Scenario {
  const { shape = [1, 1009], gradients: drawGradients = normal, parameters: drawParameters = normal } = options;
  const scenario = new Scenario(`${rule.name}, ${name}`);
  const cursor = scenario.u32("step", [0]);
  const scalars = scenario.f32Table("scalars", STEPS, 4, cursor);
  scenario.inputs.scalars = Float32Array.from(scalarsOf(rule));
  const parameters = scenario.f32At(3, "parameters", shape, drawParameters);
  const gradients = scenario.f32At(5, "gradients", shape, drawGradients);
  const state = stateSlots(rule.name).map((slot, i) => scenario.f32At(2 * i + 1, slot, shape, zero));
  const gradientScale = options.clipped ? clipFactor(scenario, gradients) : undefined;
  scenario.builder
    .update({ rule, parameters, gradients, state, scalars, gradientScale })
    .scale({ input: gradients, factor: -0.5, out: gradients })
    .advance(cursor);
  scenario.runs = STEPS;
  return scenario;
}

/** A factor, or a gate, that is 0 in the second step: the update of that step is left out without a trace. */
function skipping(rule: UpdateRule, by: "gradientScale" | "gate"): Scenario {
  const scenario = new Scenario(`${rule.name}, a step left out by its ${by}`);
  const cursor = scenario.u32("step", [0]);
  const scalars = scenario.f32Table("scalars", STEPS, 4, cursor);
  scenario.inputs.scalars = Float32Array.from(scalarsOf(rule));
  const [parameters, gradients] = [scenario.f32("parameters", [7, 5]), scenario.f32("gradients", [7, 5])];
  const state = stateSlots(rule.name).map((slot) => scenario.f32(slot, [7, 5], zero));
  const [factor, step] = [scenario.f32("factor", [1, 1], () => 1), scenario.f32("one", [1, 1], () => 1)];
  scenario.builder
    .update({ rule, parameters, gradients, state, scalars, [by]: factor })
    .add({ a: factor, b: step, factor: -1, out: factor })
    .advance(cursor);
  scenario.runs = 3;
  return scenario;
}

/** Four steps of the loss scale, all with the same norm, which may not be finite. */
function lossScales(norm: number, options: { maximum?: number; scale?: number; interval?: number } = {}): Scenario {
  const { maximum, scale = 2 ** 16, interval = 3 } = options;
  const scenario = new Scenario(`loss scale ${scale}, norm ${norm}, maximum ${maximum}, interval ${interval}`);
  const state = scenario.f32("state", [1, 2]);
  scenario.inputs.state = Float32Array.of(scale, 1);
  scenario.builder.lossScale({
    norm: scenario.f32("norm", [1, 1], () => norm),
    ...{ state, maximum, interval },
    out: scenario.f32("factor", [1, 1]),
  });
  scenario.runs = 4;
  return scenario;
}

/** Six steps with a guard. The fifth has a `norm`, or a loss, that is not finite. */
function guards(what: "norm" | "loss", value: number): Scenario {
  const scenario = new Scenario(`a guard, ${what} ${value}`);
  const cursor = scenario.u32("step", [0]);
  const losses = scenario.f32Table("losses", 6, 1, cursor);
  const rises = scenario.f32Table("rises", 6, 4, cursor);
  const bad = (name: string): number[] =>
    Array.from({ length: 6 }, (_, i) => (name === what && i === 4 ? value : 1 + i));
  scenario.inputs.losses = Float32Array.from(bad("loss"));
  scenario.inputs.rises = Float32Array.from(bad("norm").flatMap((norm) => [norm, 0, 0, 0]));
  const state = scenario.f32("state", [1, 2]);
  scenario.inputs.state = Float32Array.from(FIRST_GUARD);
  // An update by -1 with the rate from the table writes the norm of each step to where the guard reads it.
  const [norm, minus] = [scenario.f32("norm", [1, 1], zero), scenario.f32("minus", [1, 1], () => -1)];
  const [out, sum] = [scenario.f32("out", [1, 1]), scenario.f32("sum", [1, 1], zero)];
  scenario.builder
    .fill({ value: 0, out: norm })
    .update({ rule: { name: "sgd", weightDecay: 0 }, parameters: norm, gradients: minus, state: [], scalars: rises })
    .guard({ norm, loss: losses, state, out })
    .add({ a: sum, b: out, out: sum })
    .advance(cursor);
  scenario.runs = 6;
  return scenario;
}

const plain = rules(0);
const scenarios = [
  ...plain.map((rule) => skipping(rule, "gradientScale")),
  ...plain.map((rule) => skipping(rule, "gate")),
  lossScales(12),
  lossScales(0, { maximum: 1 }),
  lossScales(1e6, { maximum: 1 }),
  lossScales(1e3, { maximum: 1 }),
  lossScales(Number.POSITIVE_INFINITY, { maximum: 1 }),
  lossScales(Number.NaN),
  lossScales(Number.NaN, { scale: 2 }),
  lossScales(12, { scale: 2 ** 23, interval: 1 }),
  guards("norm", 7),
  guards("norm", Number.NaN),
  guards("norm", Number.POSITIVE_INFINITY),
  guards("loss", Number.NaN),
  guards("loss", Number.NEGATIVE_INFINITY),
  ...plain.map((rule) => updates("one parameter", rule, { shape: [1, 1] })),
  ...plain.map((rule) => updates("a matrix", rule, { shape: [31, 17] })),
  ...rules(0.01).map((rule) => updates("with decay", rule)),
  ...rules(0.01).map((rule) => updates("with decay, clipped", rule, { clipped: true })),
  // The parameters start at zero, so all their digits come from the update.
  ...plain.map((rule) => updates("from zero", rule, { parameters: zero })),
  ...plain.map((rule) => updates("without gradient", rule, { gradients: zero })),
  ...plain.map((rule) => updates("huge gradients", rule, { gradients: (random) => 1e12 * normal(random) })),
  ...plain.map((rule) => updates("tiny gradients", rule, { gradients: (random) => 1e-12 * normal(random) })),
  ...plain.map((rule) =>
    updates("gradients of every size", rule, { gradients: (random) => 10 ** random.between(-8, 2) }),
  ),
  ...plain.map((rule) => updates("many parameters", rule, { shape: [1, 100_003], parameters: between(-0.05, 0.05) })),
];

describeEveryDevice((device) => {
  describe("update", () => {
    it.each(scenarios)("$name", async (scenario) => {
      await expectAgreement(device(), scenario, "elementwise");
    });
  });
});
