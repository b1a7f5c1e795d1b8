/** Weights of other programs find their places under any name, and tensors that do not fit are refused. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type NamedTensor, transposed } from "../../src/checkpoint/tensor.js";
import { DataError } from "../../src/error.js";
import { Autoencoder } from "../../src/model/autoencoder.js";
import { toFloat16Array } from "../../src/program/float16.js";
import { weightsFrom } from "../../src/training/weights.js";

function modelOf(layers: readonly number[]): Autoencoder {
  const activations = { activation: "relu", codeActivation: "linear", outputActivation: "linear" } as const;
  return new Autoencoder({ layers, ...activations, initialiser: "glorot" });
}

const MODEL = modelOf([6, 5, 3]);
const VECTOR = MODEL.initialParameters(7).map((value, i) => (value === 0 ? 0 : value + i / 64));

/** The tensors of a vector, in the layout of a checkpoint. */
const ourTensors = (model = MODEL, vector: Float32Array = VECTOR): NamedTensor[] =>
  model.layout.tensors.map(({ name, rows, columns }) => ({
    name,
    dtype: "F32",
    shape: name.endsWith("bias") ? [columns] : [rows, columns],
    data: model.layout.part(vector, name),
  }));

/** The same tensors in the layout of PyTorch. `names` are the names of the layers, in the order of the network. */
const torchTensors = (names: readonly string[], model = MODEL, vector: Float32Array = VECTOR): NamedTensor[] =>
  model.layers.flatMap(({ name, inputs, outputs }, i): NamedTensor[] => [
    {
      name: `${names[i]}.weight`,
      dtype: "F32",
      shape: [outputs, inputs],
      data: transposed(model.layout.part(vector, `${name}.weight`), inputs, outputs),
    },
    { name: `${names[i]}.bias`, dtype: "F32", shape: [outputs], data: model.layout.part(vector, `${name}.bias`) },
  ]);

describe("weights", () => {
  it("of a tied run are refused by a plain network, with the option that takes them", () => {
    const tied = ourTensors().filter(({ name }) => !(name.startsWith("decoder.") && name.endsWith(".weight")));
    expect(() => weightsFrom(MODEL, tied, "file")).toThrow(/^file is of a tied run.*train with tied \(--tied\)/);
  });

  it("of a checkpoint come back as they were", () => {
    expect(weightsFrom(MODEL, ourTensors(), "file")).toEqual(VECTOR);
  });

  it.each([
    [["encoder.0", "encoder.2", "decoder.0", "decoder.2"]],
    [["encoder.0", "encoder.10", "decoder.0", "decoder.10"]],
    [["module.enc1", "module.enc2", "module.dec1", "module.dec2"]],
    [["encoder.fc", "latent", "decoder.0", "decoder.1"]],
    [["0", "2", "4", "6"]],
    [["fc1", "fc2", "fc3", "fc4"]],
  ])("of PyTorch are found by their names, in any order: %j", (names) => {
    const tensors = torchTensors(names).toSorted((a, b) => a.name.localeCompare(b.name));
    expect(weightsFrom(MODEL, tensors, "file")).toEqual(VECTOR);
    expect(weightsFrom(MODEL, tensors.toReversed(), "file")).toEqual(VECTOR);
  });

  it("with our names and PyTorch's layout all through are taken for what they are", () => {
    const tensors = torchTensors(MODEL.layers.map(({ name }) => name));
    expect(weightsFrom(MODEL, tensors, "file")).toEqual(VECTOR);
  });

  it("of square layers are those of PyTorch unless they have our names", () => {
    const square = modelOf([4, 4, 4]);
    const vector = square.initialParameters(1);
    expect(weightsFrom(square, ourTensors(square, vector), "file")).toEqual(vector);
    expect(weightsFrom(square, torchTensors(["a1", "a2", "a3", "a4"], square, vector), "file")).toEqual(vector);
  });

  it("may come without biases, which then are zero", () => {
    const expected = VECTOR.slice();
    for (const { name } of MODEL.layers) MODEL.layout.part(expected, `${name}.bias`).fill(0);
    const tensors = torchTensors(["1", "2", "3", "4"]).filter(({ name }) => name.endsWith("weight"));
    expect(weightsFrom(MODEL, tensors, "file")).toEqual(expected);
  });

  it("of other real types are converted", () => {
    const exact = VECTOR.map((value) => Math.round(value * 16) / 16);
    const single = ourTensors(MODEL, exact);
    const convert: Readonly<Record<string, (data: Float32Array) => NamedTensor["data"]>> = {
      F64: (data) => Float64Array.from(data),
      F16: (data) => toFloat16Array(data),
      BF16: (data) => Uint16Array.from(new Uint32Array(data.slice().buffer), (bits) => bits >>> 16),
    };
    for (const [dtype, to] of Object.entries(convert)) {
      const tensors = single.map((tensor) => ({ ...tensor, dtype, data: to(tensor.data as Float32Array) }));
      expect(weightsFrom(MODEL, tensors as NamedTensor[], dtype)).toEqual(exact);
    }
  });

  const [weight, bias, ...rest] = ourTensors();
  const stray: NamedTensor = { name: "norm.running_mean", dtype: "F32", shape: [5], data: new Float32Array(5) };
  it.each<[string, readonly NamedTensor[], RegExp]>([
    [
      "a transposed one",
      [{ ...weight, shape: [5, 6] }, bias, ...rest],
      /encoder.0.weight is F32 \[5, 6\].*takes \[6, 5\]/,
    ],
    [
      "a bias of another length",
      [weight, { ...bias, shape: [4] }, ...rest],
      /encoder.0.bias is F32 \[4\].*takes \[5\]/,
    ],
    [
      "one of whole numbers",
      [{ ...weight, dtype: "I32", data: new Int32Array(30) }, bias, ...rest],
      /weights are real/,
    ],
    ["a NaN", [{ ...weight, data: new Float32Array(30).fill(Number.NaN, 3, 4) }, bias, ...rest], /value 3 is NaN/],
    ["F64 beyond F32", [{ ...weight, dtype: "F64", data: new Float64Array(30).fill(1e99) }, bias, ...rest], /Infinity/],
    [
      "one layer too few",
      torchTensors(["1", "2", "3", "4"]).slice(2),
      /has 3 weight matrices, the 6-5-3-5-6 network 4/,
    ],
    ["none", [], /has 0 weight matrices.*it has no tensors/],
    [
      "a tensor of no layer",
      [...torchTensors(["1", "2", "3", "4"]), stray],
      /norm.running_mean, F32 \[5\], has no place/,
    ],
  ])("are refused with %s", (_, tensors, message) => {
    const read = () => weightsFrom(MODEL, tensors, "file");
    expect(read).toThrow(DataError);
    expect(read).toThrow(message);
  });

  it("are those of the network, for networks of any shape", () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 2, maxLength: 5 });
    fc.assert(
      fc.property(sizes, fc.nat(9), (layers, seed) => {
        const model = modelOf(layers);
        const vector = model.initialParameters(seed);
        const names = model.layers.map((_, i) => (i < layers.length - 1 ? `encoder.${2 * i}` : `decoder.${2 * i}`));
        expect(weightsFrom(model, torchTensors(names, model, vector), "file")).toEqual(vector);
        expect(weightsFrom(model, ourTensors(model, vector), "file")).toEqual(vector);
      }),
    );
  });
});
