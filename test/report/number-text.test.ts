import { describe, expect, it } from "vitest";
import { count, datasetTitle, duration, figure, plain, plural, rounded } from "../../src/report/number-text.js";

describe("numbers for people", () => {
  it("writes one step, and more steps", () => {
    expect([plural(1, "step", "steps"), plural(1200, "step", "steps")]).toEqual(["1 step", "1,200 steps"]);
    expect([1.04, 1.2].map((epochs) => plural(epochs, "epoch", "epochs", rounded))).toEqual(["1 epoch", "1.2 epochs"]);
  });

  it.each([
    [0, "0.00"],
    [3, "3.00"],
    [13.866, "13.87"],
    [1234.5, "1,234.50"],
    [0.0038, "0.00380"],
    [0.00001234, "1.23e-5"],
    [Number.NaN, "NaN"],
  ])("writes %f as %s", (value, text) => {
    expect(figure(value)).toBe(text);
  });

  it.each([
    [0.04, "0.0 s"],
    [59.94, "59.9 s"],
    [59.97, "1 min 0 s"],
    [119.6, "2 min 0 s"],
    [151, "2 min 31 s"],
    [3600, "1 h 0 min"],
    [11_550, "3 h 12 min"],
  ])("writes %f seconds as %s", (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });

  it.each([
    [1000, "1,000"],
    [0.0005, "0.0005"],
    [1.2899e-9, "1.29e-9"],
    [0, "0"],
  ])("writes %f on an axis as %s", (value, text) => {
    expect(plain(value)).toBe(text);
  });

  it("groups thousands and knows the data sets", () => {
    expect(count(18_760.4)).toBe("18,760");
    expect(datasetTitle("fashion-mnist")).toBe("Fashion-MNIST");
    expect(datasetTitle("my digits")).toBe("my digits");
  });
});
