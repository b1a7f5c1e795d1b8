import { describe, expect, it } from "vitest";
import { UsageError } from "../../../src/error.js";
import { initialisers } from "../../../src/model/initialiser.js";
import { activations } from "../../../src/program/op.js";
import { checkOptions, layerOptions, parseConfig, totalSteps } from "../../../src/training/config/config.js";
import { PRESETS, preset } from "../../../src/training/config/presets.js";
import { modelFromConfig, optimizerFromConfig } from "../../../src/training/from-config.js";
import { resumedConfig } from "../../../src/training/run-folder/resumed-config.js";

const message = (action: () => unknown): string => {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return (error as Error).message;
  }
  throw new Error("nothing was thrown");
};

describe("configuration", () => {
  it("fills in what is left out", () => {
    expect(parseConfig({})).toMatchObject({
      dataset: "mnist",
      activation: "gelu",
      loss: "bce",
      batch: 128,
      seed: 0,
    });
  });

  it.each([
    [{ bacth: 3 }, /unknown key "bacth": did you mean "batch"/],
    [{ stesp: 4 }, /unknown key "stesp": did you mean "steps"/],
    [{ activation: "sigmod" }, /unknown activation "sigmod": did you mean "sigmoid"/],
    [{ precision: "f15" }, /unknown precision "f15": did you mean "f16"/],
    [{ lr: -1 }, /lr: .*>0.*got -1/],
    [{ batch: 2.5 }, /batch: .*int.*got 2.5/],
    [{ layers: [784] }, /layers: .*got \[784\]/],
    [{ layers: [784, "x"] }, /layers.1: .*got "x"/],
    [{ epochs: 3, steps: 4 }, /epochs or steps, not both/],
    [{ loss: "bce", outputActivation: "relu" }, /loss bce has the sigmoid built in.*got relu/],
    ["text", /must be an object of options.*got "text"/],
  ])("refuses %j in one line that says why", (options, expected) => {
    const text = message(() => parseConfig(options));
    expect(text).toMatch(expected);
    expect(text).not.toContain("\n");
  });

  it("gives the layers the size of the data, and refuses others", () => {
    expect(modelFromConfig(parseConfig({}), 64).name).toBe("64-256-128-9-128-256-64");
    expect(message(() => modelFromConfig(parseConfig({ layers: [784, 30] }), 64))).toMatch(
      /784.*64 values.*begin with 64/,
    );
  });

  it("makes the output sigmoid for bce and linear for mse unless told otherwise", () => {
    const output = (options: object) => modelFromConfig(parseConfig(options), 9).config.outputActivation;
    expect(output({ loss: "bce" })).toBe("sigmoid");
    expect(output({ loss: "mse" })).toBe("linear");
    expect(output({ loss: "mse", outputActivation: "sigmoid" })).toBe("sigmoid");
  });

  it("counts steps over epochs that the batch need not divide", () => {
    expect(totalSteps(parseConfig({ epochs: 3, batch: 128 }), 60000)).toBe(Math.ceil((3 * 60000) / 128));
    expect(totalSteps(parseConfig({ steps: 7 }), 60000)).toBe(7);
  });

  it("lets a resumed run change its length, and nothing that decides the result", () => {
    const saved = parseConfig({ layers: [9, 3], steps: 10, batch: 4 });
    expect(resumedConfig(saved, { steps: 20 })).toEqual({ ...saved, steps: 20 });
    expect(resumedConfig(saved, {})).toEqual(saved);
    expect(resumedConfig(saved, { epochs: 2 })).toMatchObject({ epochs: 2, batch: 4 });
    // An option that is given with its default value changes nothing.
    const meant = optimizerFromConfig(saved);
    expect(resumedConfig(saved, { lr: meant.learningRate, beta1: meant.beta1, outputActivation: "sigmoid" })).toEqual(
      saved,
    );
    expect(message(() => resumedConfig(saved, { clip: 1 }))).toMatch(/trained without clip, got 1: leave it out/);
    expect(message(() => resumedConfig(saved, { batch: 5 }))).toMatch(/batch 4, got 5/);
    expect(message(() => resumedConfig(saved, { layers: [9, 4] }))).toMatch(/layers \[9,3\], got \[9,4\]/);
  });

  it("is layered: the later go before the earlier, and one length before another", () => {
    expect(layerOptions({ lr: 1, epochs: 3, seed: 2 }, { lr: 2 }, { steps: 5 })).toEqual({ lr: 2, steps: 5, seed: 2 });
    expect(layerOptions({ steps: 5 }, {}, { epochs: 3 })).toEqual({ epochs: 3 });
    expect(message(() => parseConfig(layerOptions({}, { steps: 5, epochs: 3 })))).toMatch(/not both/);
    expect(parseConfig(layerOptions(preset("hinton2006"), { steps: 7 }))).toMatchObject({ steps: 7, batch: 256 });
  });

  it("can be checked in part, where the whole would contradict itself", () => {
    const part = { outputActivation: "relu" } as const;
    expect(checkOptions(part)).toBe(part);
    expect(message(() => checkOptions({ batch: 0 }, "own.json"))).toMatch(/^own.json: batch: .*got 0$/);
  });

  it.each(Object.keys(PRESETS))("preset %s is valid", (name) => {
    expect(() => modelFromConfig(parseConfig(preset(name)), 784)).not.toThrow();
  });
});

it("the names of a user's definitions are among those that a configuration may have", () => {
  const identity = { value: (x: number) => x, derivative: () => 1, derivativeFrom: "output" } as const;
  activations.add({ name: "test/same", ...identity, flops: { value: 0, derivative: 0 } });
  initialisers.add({ name: "test/ones", draw: (inputs, outputs) => new Float32Array(inputs * outputs).fill(1) });
  const config = parseConfig({ activation: "test/same", initialiser: "test/ones", layers: [3, 2] });
  const model = modelFromConfig(config, 3);
  expect(model.encoder.concat(model.decoder).at(0)?.activation).toBe("sigmoid");
  expect(model.config.activation).toBe("test/same");
  expect([...model.initialParameters(0).subarray(0, 6)]).toEqual([1, 1, 1, 1, 1, 1]);
  expect(message(() => parseConfig({ activation: "test/sam" }))).toContain('did you mean "test/same"?');
});

describe("shards, the older name of parts", () => {
  it("is read as parts", () => {
    expect(parseConfig({ shards: 3 }).parts).toBe(3);
    expect(checkOptions({ shards: 3 })).toEqual({ parts: 3 });
  });

  it("is refused beside another number of parts", () => {
    expect(() => parseConfig({ shards: 3, parts: 2 })).toThrow("shards is another name of parts: give one of them");
  });

  it("is read as parts on resume", () => {
    const saved = parseConfig({ parts: 3 });
    expect(resumedConfig(saved, checkOptions({ shards: 3, epochs: 9 }))).toMatchObject({ parts: 3, epochs: 9 });
    expect(() => resumedConfig(saved, checkOptions({ shards: 4 }))).toThrow("trained with parts 3, got 4");
  });
});

describe("the choice of a strategy", () => {
  const choice = (strategy: unknown) => checkOptions({ strategy }).strategy;

  it("has one form, as plain data", () => {
    expect(choice({ name: "local-sgd" })).toBe("local-sgd");
    const sorted = JSON.stringify(choice({ name: "diloco", options: { lr: 0.5, H: 4 } }));
    expect(JSON.stringify(choice({ options: { H: 4, lr: 0.5 }, name: "diloco" }))).toBe(sorted);
    expect(choice({ module: new URL("file:///mine.js"), options: { H: 4 } })).toEqual({
      module: "file:///mine.js",
      options: { H: 4 },
    });
  });

  it.each(["./mine.js", "data:text/javascript,export default 1", "https://example.org/mine.js"])(
    "refuses %s",
    (module) => {
      expect(() => choice({ module })).toThrow("is not a file: URL");
    },
  );
});
