import { expect, it } from "vitest";
import { downpourRemarks, layerRemarks, optimizerRemarks } from "../../../src/training/config/remarks.js";

it.each([
  [[784, 500, 30], []],
  [[8, 12, 3], []],
  [[8, 4, 8], ["layers 8,4,8 grow again after 4, and the decoder mirrors them all: for a code of 4 give 8,4"]],
  [[36, 50], ["a code of 50 for 36 values compresses nothing: the network can learn to copy"]],
  [[36, 36], ["a code of 36 for 36 values compresses nothing: the network can learn to copy"]],
])("layers %j", (layers, remarks) => {
  expect(layerRemarks(layers)).toEqual(remarks);
});

it.each([
  [{ optimizer: "adam", beta1: 0.5, epsilon: 1e-6 }, []],
  [{ optimizer: "nesterov", momentum: 0.8 }, []],
  [{ optimizer: "rmsprop", rho: 0.8, epsilon: 1e-6 }, []],
  [{ optimizer: "sgd", beta1: 0.5 }, ["beta1 has no effect: optimizer sgd does not use it"]],
  [{ optimizer: "adam", momentum: 0.5 }, ["momentum has no effect: optimizer adam does not use it"]],
] as const)("settings %j", (config, remarks) => {
  expect(optimizerRemarks(config)).toEqual(remarks);
});

it("settings of steps that downpour does not make are told, with the option that it has", () => {
  const [remark, ...others] = downpourRemarks({ strategy: "downpour", lr: 0.1, optimizer: "sgd", schedule: "linear" });
  expect(remark).toMatch(/^lr has no effect: .*downpour:lr=/);
  expect(others).toHaveLength(2);
  expect(downpourRemarks({ strategy: "downpour" })).toEqual([]);
  expect(downpourRemarks({ strategy: "stale", lr: 0.1 })).toEqual([]);
  expect(downpourRemarks({ strategy: { name: "downpour", options: { push: 1, fetch: 10 } }, lr: 0.1 })).toEqual([]);
});
