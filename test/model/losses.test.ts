/** Every loss: its value by hand, and its gradient against central differences. */
import { describe, expect, it } from "vitest";
import { openReferenceDevice } from "../../src/device/reference/reference-device.js";
import { dense } from "../../src/model/layers/layers.js";
import type { ModelLoss } from "../../src/model/losses/losses.js";
import * as losses from "../../src/model/losses/losses.js";
import { gradientErrors } from "../support/gradient-check.js";
import { modelled } from "./modelled.js";

const { bce, cosine, crossEntropy, huber, l1Penalty, l2Penalty, mse, weighted } = losses;

const shares = (length: number) => Float64Array.from({ length }, (_, i) => [0.2, 0.5, 0.3][i % 3]);
const classes = (length: number) => Float64Array.from({ length }, (_, i) => i % 3);

type Case = [name: string, loss: ModelLoss, targets: number, target?: (length: number) => Float64Array<ArrayBuffer>];
const CASES: Case[] = [
  ["mse", mse(), 3],
  ["bce", bce(), 3, shares],
  ["huber", huber(0.7), 3],
  ["cosine", cosine(), 3],
  ["crossEntropy of classes", crossEntropy(), 1, classes],
  ["crossEntropy of shares", crossEntropy(), 3, shares],
  ["l1Penalty", weighted([1, mse()], [0.1, l1Penalty()]), 3],
  ["l2Penalty", weighted([0.3, mse()], [0.1, l2Penalty()]), 3],
  ["a sum of all", weighted([1, mse()], [2, huber()], [0.5, weighted([3, cosine()])], [0.1, l2Penalty()]), 3],
];

const model = dense(3);

describe("the gradient agrees with central differences", () => {
  it.each(CASES)("%s", async (...[, loss, targets, target]: Case) => {
    const errors = await gradientErrors(modelled({ model, loss, features: 2, targets }, target));
    for (const error of Object.values(errors)) expect(error).toBeLessThan(1e-5);
  });
});

/** The loss of the output `y`, for the identity as model. */
async function value(loss: ModelLoss, y: readonly number[], t: readonly number[], targets = 3): Promise<number> {
  const rows = y.length / 3;
  const check = modelled({ model: dense(3, { name: "identity" }), loss, rows, features: 3, targets });
  const executable = await openReferenceDevice().compile(check.program);
  executable.buffer("x").writeExact(Float64Array.from(y));
  executable.buffer("target").writeExact(Float64Array.from(t));
  const parameters = new Float64Array(executable.buffer("parameters").length);
  for (const i of [0, 4, 8]) parameters[i] = 1;
  executable.buffer("parameters").writeExact(parameters);
  executable.run();
  return executable.buffer("loss").readExact()[0];
}

describe("the value", () => {
  it.each<readonly [string, Promise<number>, number]>([
    ["mse", value(mse(), [1, 2, 3, 0, 0, 0], [1, 0, 0, 0, 0, 1]), 14 / 6],
    ["bce of logits", value(bce(), [0, 0, 0], [1, 0, 0.5]), Math.log(2)],
    ["huber on both sides of delta", value(huber(1), [0.5, 3, 0], [0, 0, 0]), (0.125 + 2.5) / 3],
    ["cosine", value(cosine(), [1, 0, 0, 0, 2, 0], [0, 5, 0, 0, 3, 0]), 0.5],
    ["cosine of nothing", value(cosine(), [0, 0, 0], [0, 5, 0]), 1],
    ["crossEntropy, where powers overflow", value(crossEntropy(), [1e4, 1e4, -1e4], [1], 1), Math.log(2)],
    ["crossEntropy of shares", value(crossEntropy(), [0, 0, 0], [0.5, 0.5, 0]), Math.log(3)],
    ["l2Penalty, of weights alone", value(weighted([1, mse()], [1, l2Penalty()]), [0, 0, 0], [0, 0, 0]), 1.5],
    ["l1Penalty", value(weighted([1, mse()], [2, l1Penalty()]), [0, 0, 0], [0, 0, 0]), 6],
  ])("of %s", async (_, found, expected) => {
    expect(await found).toBeCloseTo(expected, 6);
  });
});

it("penalises the weights of a single input, and no bias", async () => {
  const check = modelled({ model, loss: weighted([1, mse()], [1, l2Penalty()]), rows: 1, features: 1, targets: 3 });
  const executable = await openReferenceDevice().compile(check.program);
  const bias = check.views["dense.bias"].offset;
  const parameters = new Float64Array(executable.buffer("parameters").length);
  parameters.set([3, 4, 0]);
  parameters.set([1, 1, 1], bias);
  executable.buffer("parameters").writeExact(parameters);
  executable.buffer("target").writeExact(Float64Array.of(1, 1, 1));
  executable.run();
  expect(executable.buffer("loss").readExact()).toEqual(Float64Array.of(12.5));
});

describe("what does not fit is refused", () => {
  it("a target of another size", () => {
    expect(() => modelled({ model, loss: mse(), features: 2, targets: 2 })).toThrow(
      "model: loss mse: the output is [2, 3] and the target [2, 2]: give the last layer 2 units",
    );
  });

  it("classes of another number", () => {
    expect(() => modelled({ model, loss: crossEntropy(), features: 2, targets: 2 })).toThrow(
      "model: loss crossEntropy: the output has 3 columns, the target 2: give the last layer a unit for each class",
    );
  });

  it("a parameter that the loss does not depend on, by its name", () => {
    const idle: typeof model = (scope, x) => {
      scope.enter("idle").parameter("shift", [1, 3]);
      return model(scope, x);
    };
    expect(() => modelled({ model: idle, loss: mse(), features: 2, targets: 3 })).toThrow(
      "model, differentiate: mse[1, 1] does not depend on idle.shift[1, 3]",
    );
  });

  it.each(["loss", "accuracy"])("a term that is called as a metric: %s", (name) => {
    const named: ModelLoss = (scope, output) => scope.term(name, scope.meanOfRows(output));
    expect(() => modelled({ model, loss: named, features: 2, targets: 3 })).toThrow(
      `model: term "${name}": a metric has that name already: give the term another`,
    );
  });

  it("a loss that names nothing", () => {
    expect(() => modelled({ model, loss: () => undefined, features: 2, targets: 3 })).toThrow("loss: names no term");
  });
});
