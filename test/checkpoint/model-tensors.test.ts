import { expect, it } from "vitest";
import { tensorsSha256 } from "../../src/checkpoint/digest.js";
import { modelTensors, parametersDigest } from "../../src/checkpoint/model-tensors.js";
import { decodeSafetensors, encodeSafetensors } from "../../src/checkpoint/safetensors.js";
import { Autoencoder } from "../../src/model/autoencoder.js";
import { weightsFrom } from "../../src/training/weights.js";

const model = new Autoencoder({
  layers: [5, 3, 2],
  activation: "tanh",
  codeActivation: "linear",
  outputActivation: "linear",
  initialiser: "glorot",
});
const parameters = model.initialParameters(4);

it("a model's tensors have their names and shapes, and come back from a file", () => {
  const tensors = modelTensors(model, parameters);
  expect(tensors.map(({ name, shape }) => [name, shape])).toEqual(
    model.layers.flatMap(({ name, inputs, outputs }) => [
      [`${name}.weight`, [inputs, outputs]],
      [`${name}.bias`, [outputs]],
    ]),
  );
  const read = decodeSafetensors(Buffer.concat(encodeSafetensors(tensors)), "file").tensors;
  const named = [...read].map(([name, tensor]) => ({ name, ...tensor }));
  expect(weightsFrom(model, named, "file")).toEqual(parameters);
});

it("the digest of a browser is that of a checkpoint", async () => {
  expect(await parametersDigest(model, parameters)).toBe(tensorsSha256(modelTensors(model, parameters)));
});
