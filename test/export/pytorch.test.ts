import { expect, it } from "vitest";
import { torchTensors } from "../../src/export/pytorch.js";
import { Autoencoder } from "../../src/model/autoencoder.js";
import { weightsFrom } from "../../src/training/weights.js";

const activations = { activation: "relu", codeActivation: "linear", outputActivation: "linear" } as const;

it("the tensors for PyTorch have its names and layout, and come back as they were", () => {
  const model = new Autoencoder({ layers: [6, 5, 4, 2], ...activations, initialiser: "glorot" });
  const vector = model.initialParameters(1).map((value, i) => (value === 0 ? 0 : value + i));
  const tensors = torchTensors(model, vector);
  expect(tensors.map(({ name, shape }) => `${name} ${shape}`)).toEqual([
    "encoder.0.weight 5,6",
    "encoder.0.bias 5",
    "encoder.2.weight 4,5",
    "encoder.2.bias 4",
    "encoder.4.weight 2,4",
    "encoder.4.bias 2",
    "decoder.0.weight 4,2",
    "decoder.0.bias 4",
    "decoder.2.weight 5,4",
    "decoder.2.bias 5",
    "decoder.4.weight 6,5",
    "decoder.4.bias 6",
  ]);
  const [{ data }] = tensors;
  expect(data[1]).toBe(model.layout.part(vector, "encoder.0.weight")[5]);
  expect(weightsFrom(model, tensors, "file")).toEqual(vector);
});
