/** ONNX Runtime computes the same from an exported file as a device does from the parameters. */
import { env, InferenceSession, Tensor } from "onnxruntime-web";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Columns } from "../../src/data/dataset.js";
import { fromDeviations, toDeviations } from "../../src/data/standardise.js";
import type { Device } from "../../src/device/device.js";
import { openDevice } from "../../src/device/open.js";
import { encodeOnnx } from "../../src/export/onnx.js";
import { Autoencoder } from "../../src/model/autoencoder.js";
import { COMPONENTS, type Component } from "../../src/model/components.js";
import { Inference } from "../../src/model/inference.js";
import { ACTIVATIONS, type Activation } from "../../src/program/op.js";
import { Random } from "../../src/world/random.js";

env.wasm.numThreads = 1;

const ROWS = 7;
const LAYERS = [12, 9, 6, 4];

function modelOf(activation: Activation, codeActivation: Activation, outputActivation: Activation): Autoencoder {
  return new Autoencoder({ layers: LAYERS, activation, codeActivation, outputActivation, initialiser: "glorot" });
}

/** Weights and biases, none of them zero. */
function parametersOf(model: Autoencoder): Float32Array {
  const random = new Random(11);
  return model.initialParameters(3).map((value) => value + random.between(-0.3, 0.3));
}

describe("an exported model", () => {
  let device: Device;
  beforeAll(async () => {
    device = await openDevice({ device: "cpu", threads: 1 });
  });
  afterAll(() => device.destroy());

  async function expectAgreement(model: Autoencoder, component: Component, columns?: Columns): Promise<void> {
    const vector = parametersOf(model);
    const parameters = device.createBuffer("f32", vector.length, "parameters");
    parameters.write(vector);
    const inference = new Inference(device, model, parameters);
    const width = component === "decode" ? model.codeSize : model.inputSize;
    const random = new Random(5);
    const values = Float32Array.from({ length: ROWS * width }, () => random.between(-1, 1));
    const scaled = columns && component !== "decode" ? toDeviations(values, columns) : values;
    const made = await inference[component](scaled);
    const expected = columns && component !== "encode" ? fromDeviations(made, columns) : made;

    const session = await InferenceSession.create(encodeOnnx(model, vector, component, { seed: "3" }, columns));
    const [input] = session.inputNames;
    const { [session.outputNames[0]]: output } = await session.run({
      [input]: new Tensor("float32", values, [ROWS, width]),
    });
    expect(output.dims).toEqual([ROWS, expected.length / ROWS]);
    const worst = Math.max(...expected.map((value, i) => Math.abs(value - Number(output.data[i]))));
    expect(worst / Math.max(...expected.map(Math.abs))).toBeLessThan(1e-5);
    await session.release();
    inference.destroy();
    parameters.destroy();
  }

  it.each(COMPONENTS)("can %s as the model does", async (component) => {
    await expectAgreement(modelOf("gelu", "linear", "sigmoid"), component);
  });

  it.each(ACTIVATIONS)("has the activation %s everywhere", async (activation) => {
    await expectAgreement(modelOf(activation, activation, activation), "reconstruct");
  });

  it.each(COMPONENTS)(
    "can %s rows of a table as they are, where it was trained on standard deviations",
    async (component) => {
      const mean = Array.from({ length: LAYERS[0] }, (_, i) => 0.3 * i - 1);
      const deviation = mean.map((value, i) => 0.5 + Math.abs(value) * (i % 3));
      await expectAgreement(modelOf("gelu", "linear", "linear"), component, { mean, deviation });
    },
  );

  it("names what goes in and out, and takes any number of rows", async () => {
    const model = modelOf("relu", "linear", "linear");
    const names = [];
    for (const component of COMPONENTS) {
      const { inputNames, outputNames } = await InferenceSession.create(
        encodeOnnx(model, parametersOf(model), component),
      );
      names.push([...inputNames, ...outputNames]);
    }
    expect(names).toEqual([
      ["input", "code"],
      ["code", "reconstruction"],
      ["input", "reconstruction"],
    ]);
  });
});
