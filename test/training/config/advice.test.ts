/** The advice for a run that goes badly. */
import { describe, expect, it } from "vitest";
import { adviceAgainstPca, divergenceAdvice, tooHighRate } from "../../../src/training/config/advice.js";
import { parseConfig, type TrainingOptions } from "../../../src/training/config/config.js";

const errors = (train: number, test: number, pca: number, components = 30) => {
  const of = (sse: number) => ({ sse, mse: sse / 784 });
  return { train: of(train), test: of(test), pca: { components, test: of(pca) } };
};
const adviceFor = (options: TrainingOptions, train = 20, test = 21, components = 30) =>
  adviceAgainstPca(errors(train, test, 13.9, components), parseConfig({ epochs: 5, ...options }), 784);

describe("advice", () => {
  it("is not given to a run that beats PCA", () => {
    expect(adviceFor({}, 9, 9)).toEqual([]);
  });

  it("names a rate that is far from the default of its optimizer, and the default", () => {
    expect(adviceFor({ lr: 0.1 })[0]).toBe("--lr 0.002: 0.1 is 50 times the default of adam");
    expect(adviceFor({ lr: 1e-5, schedule: "constant" })[0]).toBe(
      "--lr 0.001: 0.00001 is a 100th of the default of adam",
    );
    expect(adviceFor({ lr: 0.003 })[0]).not.toContain("--lr");
  });

  it("names an activation that learns slowly, and more time", () => {
    expect(adviceFor({ activation: "sigmoid" })).toEqual(["--activation gelu", "--epochs 15", "wider --layers"]);
    expect(adviceFor({ epochs: undefined, steps: 40 })).toEqual(["--steps 120", "wider --layers"]);
    expect(adviceFor({ schedule: "constant" })).toContain("--schedule cosine");
  });

  it("distinguishes overfitting from a network that has not learned", () => {
    expect(adviceFor({}, 13, 17)).toEqual(adviceFor({}, 4, 21));
    expect(adviceFor({}, 4, 21)).toEqual([
      "more rows, smaller --layers or fewer --epochs: the error of the training rows is smaller than that of the test rows",
    ]);
  });

  it("says that PCA loses nothing where a code is as wide as a row", () => {
    expect(adviceFor({}, 20, 21, 784)[0]).toBe(
      "a code smaller than the 784 values of a row: PCA with 784 components keeps all of a row",
    );
  });
});

describe("a rate that is too high", () => {
  it("is named before the run", () => {
    expect(tooHighRate(parseConfig({ lr: 0.5 }))).toBe(
      "lr 0.5 is 250 times the default of adam for loss bce, 0.002: if the loss does not fall, try that",
    );
    expect(tooHighRate(parseConfig({ lr: 0.01 }))).toBeUndefined();
    expect(tooHighRate(parseConfig({ lr: 3, optimizer: "sgd" }))).toBeUndefined();
  });

  it("is named when the loss is lost", () => {
    expect(divergenceAdvice(parseConfig({ lr: 0.5 }))).toBe(
      "lr 0.5 is too high: try 0.002, the default of adam for loss bce",
    );
    expect(divergenceAdvice(parseConfig({ lr: 0.0015 }))).toBe("lower lr, from 0.0015 to 0.0005, or set clip to 1");
    expect(divergenceAdvice(parseConfig({ clip: 1 }))).toBe("lower lr");
  });
});
