/** The tensors of a checkpoint are only used if each of them fits the model. */
import { expect, it } from "vitest";
import type { StoredCheckpoint } from "../../../src/checkpoint/read.js";
import { parseConfig } from "../../../src/training/config/config.js";
import { modelFromConfig } from "../../../src/training/from-config.js";
import { fromCheckpoint, toCheckpoint } from "../../../src/training/run-folder/snapshot.js";

const config = parseConfig({ layers: [6, 4, 2], optimizer: "sgd" });
const model = modelFromConfig(config, 6);

function stored(): StoredCheckpoint {
  const state = { step: 1, parameters: new Float32Array(model.layout.length), optimizer: {} };
  return { ...toCheckpoint(model, config, state, 10), path: "/c" } as StoredCheckpoint;
}

it("reads what was written", () => {
  expect(fromCheckpoint(stored()).state.parameters.length).toBe(model.layout.length);
});

it("refuses a weight that was saved transposed, though it has as many values", () => {
  const checkpoint = stored();
  const parameters = checkpoint.parameters.map((tensor) =>
    tensor.name === "encoder.0.weight" ? { ...tensor, shape: [4, 6] } : tensor,
  );
  expect(() => fromCheckpoint({ ...checkpoint, parameters })).toThrow(
    "/c: tensor encoder.0.weight of a 6-4-2-4-6 model must be F32 [6, 4], found F32 [4, 6]: it is a checkpoint of another architecture",
  );
});

it("reads the state of a compressor, in a run whose strategy has no name", () => {
  const compressed = { ...config, compress: "f16" };
  const residual = new Float32Array(model.layout.length);
  residual[3] = 7;
  const optimizer = { "state.part0.f16.residual": residual };
  const state = { step: 1, parameters: new Float32Array(model.layout.length), optimizer };
  const checkpoint = { ...toCheckpoint(model, compressed, state, 10), path: "/c" } as StoredCheckpoint;
  expect(fromCheckpoint(checkpoint).state.optimizer).toEqual(optimizer);
});
