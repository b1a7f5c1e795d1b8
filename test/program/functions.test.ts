import fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  ACTIVATIONS,
  type Activation,
  activations,
  derivativeFrom,
  LOSSES,
  type Loss,
  losses,
} from "../../src/program/op.js";

const activate = (activation: Activation, x: number): number => activations.get(activation).value(x);
const derivative = (activation: Activation, at: number): number => activations.get(activation).derivative(at);
const lossOf = (loss: Loss, input: number, target: number): number => losses.get(loss).value(input, target);
const lossGradient = (loss: Loss, input: number, target: number): number => losses.get(loss).gradient(input, target);

const H = 1e-6;
const slope = (f: (x: number) => number, x: number): number => (f(x + H) - f(x - H)) / (2 * H);
/** Arguments away from the kink of the ReLUs, where a difference is no derivative. */
const smooth = fc.double({ min: -6, max: 6, noNaN: true }).filter((x) => Math.abs(x) > 2 * H);

describe.each(ACTIVATIONS)("%s", (activation) => {
  it("has the derivative that central differences find", () => {
    fc.assert(
      fc.property(smooth, (x) => {
        const at = derivativeFrom(activation) === "input" ? x : activate(activation, x);
        expect(derivative(activation, at)).toBeCloseTo(
          slope((z) => activate(activation, z), x),
          8,
        );
      }),
    );
  });

  it("stays finite, and so does its derivative, at the ends of float32", () => {
    for (const x of [-3.4e38, -1e4, 0, 1e4, 3.4e38]) {
      const y = activate(activation, x);
      expect(y).toSatisfy(Number.isFinite);
      expect(derivative(activation, derivativeFrom(activation) === "input" ? x : y)).toSatisfy(Number.isFinite);
    }
  });
});

describe("activations at known points", () => {
  it.each([
    ["relu", -2, 0],
    ["leaky-relu", -2, -0.02],
    ["sigmoid", 0, 0.5],
    ["sigmoid", Math.log(3), 0.75],
    ["tanh", 0.5 * Math.log(3), 0.5],
    // 0.5 (1 + tanh(u)) is sigmoid(2 u)
    ["gelu", 1, 1 / (1 + Math.exp(-2 * 1.044715 * Math.sqrt(2 / Math.PI)))],
    ["gelu", -1, -1 / (1 + Math.exp(2 * 1.044715 * Math.sqrt(2 / Math.PI)))],
  ] as const)("%s(%d) is %d", (activation, x, y) => {
    expect(activate(activation, x)).toBeCloseTo(y, 9);
  });
});

describe.each(LOSSES)("%s", (loss) => {
  it("has the gradient that central differences find", () => {
    fc.assert(
      fc.property(smooth, fc.double({ min: 0, max: 1, noNaN: true }), (input, target) => {
        expect(lossGradient(loss, input, target)).toBeCloseTo(
          slope((z) => lossOf(loss, z, target), input),
          7,
        );
      }),
    );
  });
});

describe("bce", () => {
  it("is -t log(s) - (1 - t) log(1 - s) of s = sigmoid(z)", () => {
    const [z, t] = [1.3, 0.2];
    const s = activate("sigmoid", z);
    expect(lossOf("bce", z, t)).toBeCloseTo(-t * Math.log(s) - (1 - t) * Math.log(1 - s), 12);
  });

  it("does not overflow for certain logits", () => {
    expect(lossOf("bce", 1e30, 0)).toBe(1e30);
    expect(lossOf("bce", -1e30, 0)).toBe(0);
    expect(lossOf("bce", -40, 0)).toBeCloseTo(Math.exp(-40), 25);
  });
});
