/** A report shows all settings, with the defaults of those that were not given. */
import { expect, it } from "vitest";
import { CONFIG_KEYS, parseConfig } from "../../../src/training/config/config.js";
import { settingsOf } from "../../../src/training/config/settings.js";
import { modelFromConfig } from "../../../src/training/from-config.js";

const settings = (given: Parameters<typeof parseConfig>[0], steps = 100) => {
  const config = parseConfig(given);
  return settingsOf(config, modelFromConfig(config, 36), { steps, images: 1280 });
};

it("has the learning rate, the epochs and all else that was a default", () => {
  expect(settings({ layers: [36, 3] })).toMatchObject({
    ...{ optimizer: "adam", lr: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 },
    ...{ outputActivation: "sigmoid", batch: 128, epochs: 10, steps: 100, seed: 0, schedule: "cosine", warmup: 0 },
  });
  expect(settings({ layers: [36, 3], optimizer: "nesterov" })).toMatchObject({ lr: 0.05, momentum: 0.9 });
});

it("leaves out what the optimizer and the schedule do not have", () => {
  for (const key of ["beta1", "momentum", "rho", "decayEvery", "lrFloor"]) {
    expect(settings({ layers: [36, 3], optimizer: "sgd", schedule: "constant" })).not.toHaveProperty(key);
  }
});

it("has every key that was given", () => {
  const given = {
    ...{ limit: 10, clip: 1, schedule: "step", optimizer: "adam", momentum: 0.5, rho: 0.5, lrFloor: 0.1, steps: 7 },
    ...{ dataset: "x", layers: [36, 3], epsilon: 0.1, initial: "weights.safetensors" },
    ...{ scale: 0.5, standardise: true, shape: "6x6", label: "class" },
  };
  const [step, linear, rho, momentum] = [
    settings(given),
    settings({ ...given, schedule: "linear" }),
    settings({ ...given, optimizer: "rmsprop" }),
    settings({ ...given, optimizer: "momentum" }),
  ];
  const noisy = settings({ ...given, denoise: "mask:0.1", tied: true, variational: 1, sparse: "l1:1" });
  const [classifier, own] = [
    settings({ ...given, task: "classify" }),
    settings({ ...given, model: { module: "file:///mine.mjs" } }),
  ];
  const all = { ...step, ...linear, ...rho, ...momentum, ...noisy, ...classifier, ...own };
  // Facts that were found in the data are no settings.
  for (const key of CONFIG_KEYS.filter((key) => key !== "columns" && key !== "rowFacts"))
    expect(Object.keys(all), key).toContain(key);
});
