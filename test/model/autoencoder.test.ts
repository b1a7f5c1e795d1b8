import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/error.js";
import { Autoencoder, type AutoencoderConfig } from "../../src/model/autoencoder.js";
import { ALIGNMENT } from "../../src/program/buffer.js";

const config = (layers: number[]): AutoencoderConfig => ({
  layers,
  activation: "tanh",
  codeActivation: "linear",
  outputActivation: "sigmoid",
  initialiser: "glorot",
});

describe("autoencoder", () => {
  it("mirrors its layers around the code", () => {
    const model = new Autoencoder(config([784, 1000, 500, 250, 30]));
    expect(model.name).toBe("784-1000-500-250-30-250-500-1000-784");
    expect(model.encoder.map((l) => l.name)).toEqual(["encoder.0", "encoder.1", "encoder.2"]);
    expect(model.bottleneck.map((l) => [l.inputs, l.outputs, l.activation])).toEqual([[250, 30, "linear"]]);
    expect(model.decoder.map((l) => l.activation)).toEqual(["tanh", "tanh", "tanh", "sigmoid"]);
    expect(model.layout.parameters).toBe(2_837_314);
  });

  it("may have no hidden layer at all", () => {
    const model = new Autoencoder(config([8, 3]));
    expect(model.encoder).toEqual([]);
    expect(model.name).toBe("8-3-8");
  });

  it("lays every tensor at an aligned start, without overlap, in order", () => {
    const { layout } = new Autoencoder(config([13, 7, 5, 3]));
    let end = 0;
    for (const { offset, rows, columns } of layout.tensors) {
      expect(offset % ALIGNMENT).toBe(0);
      expect(offset).toBeGreaterThanOrEqual(end);
      end = offset + rows * columns;
    }
    expect(layout.length).toBeGreaterThanOrEqual(end);
  });

  it("draws the same initial parameters from the same seed, biases zero, layers apart", () => {
    const model = new Autoencoder(config([9, 9, 9]));
    const vector = model.initialParameters(5);
    expect(model.initialParameters(5)).toEqual(vector);
    expect(model.initialParameters(6)).not.toEqual(vector);
    expect(model.layout.part(vector, "encoder.0.bias").every((x) => x === 0)).toBe(true);
    const first = model.layout.part(vector, "encoder.0.weight");
    expect(model.layout.part(vector, "bottleneck.0.weight")).not.toEqual(first);
  });

  it.each([[[784]], [[784, 0]], [[784, 2.5]], [[]]])("refuses layers %j and says what is expected", (layers) => {
    expect(() => new Autoencoder(config(layers))).toThrow(UsageError);
    expect(() => new Autoencoder(config(layers))).toThrow(/at least two whole numbers/);
  });
});
