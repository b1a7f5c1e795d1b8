/** Every layer: its gradient against central differences, what it is in use, and that noise does not depend on parts. */
import { describe, expect, it } from "vitest";
import { openReferenceDevice } from "../../src/device/reference/reference-device.js";
import * as layers from "../../src/model/layers/layers.js";
import { mse } from "../../src/model/losses/losses.js";
import { type Layer, Scope } from "../../src/model/scope.js";
import { DeclaredTensors } from "../../src/model/tensors.js";
import { ProgramBuilder } from "../../src/program/program.js";
import { gradientErrors } from "../support/gradient-check.js";
import { modelled } from "./modelled.js";

const { activation, batchNorm, dense, dropout, gaussianNoise, gaussianSampler, klSparsity } = layers;
const { l1Sparsity, layerNorm, maskingNoise, residual, sequential, tiedDense } = layers;

const code = dense(2, { activation: "tanh", name: "code" });

/** Models from 3 columns to 3, each with the layer between dense ones. */
const MODELS: Readonly<Record<keyof typeof layers, Layer>> = {
  activation: sequential([dense(3), activation("gelu")]),
  // A bias before it makes no difference: its gradient is 0.
  batchNorm: sequential([dense(4, { bias: false }), batchNorm(), activation("tanh"), dense(3)]),
  dense: sequential([dense(4, { activation: "sigmoid" }), dense(3, { bias: false })]),
  dropout: sequential([dense(5, { activation: "tanh" }), dropout(0.4), dense(3)]),
  gaussianNoise: sequential([dense(3, { activation: "tanh" }), gaussianNoise(0.3), dense(3, { activation: "tanh" })]),
  gaussianSampler: sequential([dense(4, { activation: "tanh" }), gaussianSampler(2, { weight: 0.1 }), dense(3)]),
  klSparsity: sequential([dense(4, { activation: "sigmoid" }), klSparsity(0.2, 0.5), dense(3)]),
  l1Sparsity: sequential([dense(4), l1Sparsity(0.5), dense(3)]),
  layerNorm: sequential([dense(4), layerNorm(), dense(3, { activation: "sigmoid" })]),
  maskingNoise: sequential([dense(3, { activation: "tanh" }), maskingNoise(0.4), dense(3)]),
  residual: sequential([residual(dense(3, { activation: "tanh" })), residual(sequential([dense(2), dense(3)]))]),
  sequential: sequential([dense(3)]),
  tiedDense: sequential([dense(3, { activation: "tanh" }), code, tiedDense(code, { activation: "sigmoid" })]),
};

describe("the gradient of a model agrees with central differences", () => {
  it.each(Object.entries(MODELS))("%s", async (_, model) => {
    const errors = await gradientErrors(modelled({ model, loss: mse(), features: 3, targets: 3 }));
    for (const error of Object.values(errors)) expect(error).toBeLessThan(2e-5);
  });
});

/** What a layer makes of `x`, without parameters. */
async function made(
  layer: Layer,
  x: readonly number[],
  columns: number,
  options: { mode?: "evaluate"; row?: number } = {},
) {
  const builder = new ProgramBuilder("layer");
  const rows = x.length / columns;
  const position = builder.buffer("position", "u32", [2]);
  const noise = { seed: 1, position, row: options.row ?? 0 };
  const tensors = new DeclaredTensors(builder);
  const scope = Scope.root({ builder, tensors, mode: options.mode ?? "train", precision: "f32", batch: 100, noise });
  const input = builder.buffer("x", "f32", [rows, columns]);
  const output = layer(scope, input);
  const out = builder.buffer("out", "f32", [rows, output.columns]);
  const executable = await openReferenceDevice().compile(builder.copy({ input: output, out }).build());
  executable.buffer("x").writeExact(Float64Array.from(x));
  for (const { name, initial } of [...tensors.parameters, ...tensors.states]) {
    const buffer = executable.buffer(name);
    if (typeof initial === "number") buffer.writeExact(new Float64Array(buffer.length).fill(initial));
  }
  executable.run();
  return [...executable.buffer("out").readExact()];
}

const ONES = Array.from({ length: 60 }, () => 1);

describe("noise", () => {
  it.each([dropout(0.3), gaussianNoise(1), maskingNoise(0.3)])("does nothing at inference, %#", async (layer) => {
    expect(await made(layer, ONES, 3, { mode: "evaluate" })).toEqual(ONES);
  });

  it.each([dropout(0.3), gaussianNoise(1), maskingNoise(0.3)])("of a row is that of its place, %#", async (layer) => {
    const whole = await made(layer, ONES, 3);
    expect(new Set(whole).size).toBeGreaterThan(1);
    expect(await made(layer, ONES.slice(0, 30), 3, { row: 10 })).toEqual(whole.slice(30));
  });

  it("of dropout keeps the mean, of masking the values", async () => {
    expect(new Set(await made(dropout(0.5), ONES, 3))).toEqual(new Set([0, 2]));
    expect(new Set(await made(maskingNoise(0.5), ONES, 3))).toEqual(new Set([0, 1]));
  });

  it("of two layers differs", async () => {
    const [one, two] = [
      await made(gaussianNoise(1), ONES, 3),
      await made(sequential([gaussianNoise(0), gaussianNoise(1)]), ONES, 3),
    ];
    expect(one).not.toEqual(two);
  });
});

describe("normalisation", () => {
  it("over a batch gives columns of mean 0 and variance 1", async () => {
    const x = Array.from({ length: 40 }, (_, i) => 3 + Math.sin(i * i));
    const y = await made(batchNorm({ epsilon: 0 }), x, 2);
    const column = y.filter((_, i) => i % 2 === 0);
    expect(column.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 10);
    expect(column.reduce((sum, value) => sum + value ** 2, 0) / 20).toBeCloseTo(1, 10);
  });

  it("takes the running averages at inference: at first mean 0 and variance 1", async () => {
    expect(await made(batchNorm({ epsilon: 0 }), [5, -3], 2, { mode: "evaluate" })).toEqual([5, -3]);
  });

  it("over a layer gives rows of mean 0", async () => {
    const y = await made(layerNorm(), [1, 2, 6, -5, 0, 1], 3);
    expect(y[0] + y[1] + y[2]).toBeCloseTo(0, 10);
    expect(y[3] + y[4] + y[5]).toBeCloseTo(0, 10);
  });
});

describe("an invalid definition is refused, with its place", () => {
  it.each<readonly [string, Layer, string]>([
    ["no units", dense(0), "model, dense: units must be a whole number from 1, got 0"],
    ["a rate of 1", sequential([dense(3), dropout(1)]), "model, dropout: rate must be from 0 to below 1, got 1"],
    ["a sum of two shapes", residual(dense(2)), "model, residual: what is added must be [2, 3], got [2, 2]"],
    [
      "a tie to what comes later",
      tiedDense(dense(3)),
      "model, tied: the layer whose weight is used comes later, or is not in this model: use it before",
    ],
    [
      "a tie of another size, three layers deep",
      residual(sequential([code, residual(sequential([dense(3), tiedDense(code)]))])),
      "model, residual.residual.tied: the tied layer has 2 outputs, but 3 columns come in: tie another layer",
    ],
  ])("%s", (_, model, sentence) => {
    expect(() => modelled({ model, loss: mse(), features: 3, targets: 3 })).toThrow(sentence);
  });

  it("no layers at all", () => {
    expect(() => sequential([])).toThrow("sequential takes an array of layers");
  });
});
