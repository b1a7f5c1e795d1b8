/** Sums, means and maxima on every device present against the float64 reference, and a softmax of them with its gradient. */
import { describe, expect, it } from "vitest";
import { FLOATS, type Float } from "../../src/program/buffer.js";
import { differentiate } from "../../src/program/differentiate.js";
import { REDUCED, REDUCTIONS } from "../../src/program/op.js";
import { ProgramBuilder } from "../../src/program/program.js";
import { expectAgreement } from "../support/agreement.js";
import { describeEveryDevice, lacks } from "../support/devices.js";
import { gradientErrors } from "../support/gradient-check.js";
import { lopsided, Scenario } from "../support/scenario.js";

const SHAPES = [
  [1, 1],
  [1, 700],
  [700, 1],
  [31, 17],
  [64, 1300],
  [1500, 20],
  // More columns than a thread of the CPU device takes at once.
  [3, 9000],
] as const;

function reductions(by: (typeof REDUCTIONS)[number], type: Float): Scenario {
  const scenario = new Scenario(`${by} of ${type}`);
  for (const [m, n] of SHAPES) {
    const name = `${m}x${n}`;
    const input =
      type === "f32" ? scenario.f32At(3, name, [m, n], lopsided) : scenario.narrowAt(type, 3, name, [m, n], lopsided);
    for (const over of REDUCED) {
      const shape = [over === "columns" ? m : 1, over === "rows" ? n : 1] as const;
      scenario.builder.reduce({ by, over, input, out: scenario.f32At(1, `${name} over ${over}`, shape) });
    }
  }
  return scenario;
}

const SCENARIOS = REDUCTIONS.flatMap((by) => FLOATS.map((type) => ({ type, scenario: reductions(by, type) })));

describeEveryDevice((device) => {
  it.each(SCENARIOS)("$scenario.name", async ({ type, scenario }) => {
    if (!lacks(device(), type)) await expectAgreement(device(), scenario);
  });
});

/** Cross-entropy of a softmax over each row, in the stable form, written of maps and reductions. */
function crossEntropy(builder: ProgramBuilder) {
  const [m, n] = [4, 5];
  const f32 = (name: string, rows: number, columns: number) => builder.buffer(name, "f32", [rows, columns]);
  const parameters = f32("parameters", 1, m * n);
  const [logits, target] = [{ ...parameters, rows: m, columns: n }, f32("target", m, n)];
  const [most, exps, sums, terms] = [f32("most", m, 1), f32("exps", m, n), f32("sums", m, 1), f32("terms", m, n)];
  const loss = f32("loss", 1, 1);
  builder
    .reduce({ by: "max", over: "columns", input: logits, out: most })
    .map({ expression: ["exp", ["sub", "z", "most"]], inputs: { z: logits, most }, out: exps })
    .reduce({ by: "sum", over: "columns", input: exps, out: sums })
    .map({
      expression: ["mul", "t", ["sub", ["log", "sums"], ["sub", "z", "most"]]],
      inputs: { t: target, sums, z: logits, most },
      out: terms,
    })
    .reduce({ by: "mean", over: "all", input: terms, out: loss });
  return { parameters, loss };
}

describe("the gradient of reductions", () => {
  it("of a softmax's cross-entropy agrees with central differences", async () => {
    const builder = new ProgramBuilder("softmax");
    const { parameters, loss } = crossEntropy(builder);
    const gradients = builder.buffer("gradients", "f32", [parameters.columns]);
    differentiate(builder, { of: loss, by: [{ view: parameters, into: gradients }] });
    const numbers = (seed: number) =>
      Float64Array.from({ length: parameters.columns }, (_, i) => Math.abs(Math.sin(seed + i * i)));
    const errors = await gradientErrors({
      program: builder.build(),
      parameters: numbers(1),
      inputs: { target: numbers(2) },
      views: { parameters },
    });
    expect(errors.parameters).toBeLessThan(1e-7);
  });

  it.each(REDUCTIONS.flatMap((by) => REDUCED.map((over) => [by, over] as const)))("%s over %s", async (by, over) => {
    const builder = new ProgramBuilder("reduction");
    const parameters = builder.buffer("parameters", "f32", [12]);
    const gradients = builder.buffer("gradients", "f32", [12]);
    const shape = [over === "columns" ? 3 : 1, over === "rows" ? 4 : 1] as const;
    const [out, target] = [builder.buffer("out", "f32", shape), builder.buffer("target", "f32", shape)];
    const total = builder.buffer("loss", "f32", [1]);
    builder.reduce({ by, over, input: { ...parameters, rows: 3, columns: 4 }, out });
    builder.loss({ loss: "mse", input: out, target, scale: 1, total });
    differentiate(builder, { of: total, by: [{ view: parameters, into: gradients }] });
    const errors = await gradientErrors({
      program: builder.build(),
      parameters: Float64Array.from({ length: 12 }, (_, i) => Math.sin(1 + i * i)),
      inputs: {},
      views: { parameters },
    });
    expect(errors.parameters).toBeLessThan(1e-7);
  });
});
