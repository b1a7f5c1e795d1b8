/**
 * A trained autoencoder, or a component of it, as a file for ONNX runtimes: a graph of `Gemm` and activations over the
 * parameters. Inputs and outputs are rows `[n, ...]`, any number of them, in the scale of the data. Source of the field
 * numbers: onnx/onnx.proto3 of https://github.com/onnx/onnx
 */
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { Columns } from "../data/dataset.js";
import { UsageError } from "../error.js";
import type { Autoencoder } from "../model/autoencoder.js";
import { type Component, componentLayers } from "../model/components.js";
import type { Dense } from "../model/dense.js";
import { type Activation, type BuiltInActivation, LEAKY_SLOPE } from "../program/op.js";
import { version } from "../version.js";

/** Of 2025: the operators used here have not changed since, and common runtimes support it. `Gelu` exists since 20. */
const OPSET = 22;
/** The version of the file format that belongs to it. */
const IR_VERSION = 10;

const FLOAT = 1;
/** Bytes; a limit of protocol buffers. */
const LARGEST_FILE = 2 ** 31 - 1;

type Message = BinaryWriter;
type Attribute = { readonly name: string; readonly float: number } | { readonly name: string; readonly text: string };

interface Node {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes?: readonly Attribute[];
}

/** Names of input and output: `images` to `code`, `code` to `reconstruction`, or `images` to `reconstruction`. */
interface Names {
  readonly input: string;
  readonly output: string;
}

const NAMES: Readonly<Record<Component, Names>> = {
  encode: { input: "input", output: "code" },
  decode: { input: "code", output: "reconstruction" },
  reconstruct: { input: "input", output: "reconstruction" },
};

const OPERATORS: Readonly<Record<Exclude<BuiltInActivation, "linear">, Pick<Node, "operator" | "attributes">>> = {
  relu: { operator: "Relu" },
  "leaky-relu": { operator: "LeakyRelu", attributes: [{ name: "alpha", float: LEAKY_SLOPE }] },
  sigmoid: { operator: "Sigmoid" },
  tanh: { operator: "Tanh" },
  gelu: { operator: "Gelu", attributes: [{ name: "approximate", text: "tanh" }] },
};

/** @throws UsageError for an activation without an ONNX operator */
function operatorOf(activation: Activation): Pick<Node, "operator" | "attributes"> {
  const known: Partial<Record<Activation, Pick<Node, "operator" | "attributes">>> = OPERATORS;
  const operator = known[activation];
  if (!operator) {
    throw new UsageError(
      `activation "${activation}" has no ONNX operator: export a network of ${Object.keys(OPERATORS).join(", ")} or linear`,
    );
  }
  return operator;
}

/**
 * The bytes of an ONNX file that runs one use of a model.
 * @param parameters the flat vector of `model`
 * @param metadata free text, for people and tools
 * @param columns how the training rows were standardized: the graph does the same
 * @example
 * ```ts
 * import { Autoencoder, interchange } from "dawnpour";
 *
 * const model = new Autoencoder({
 *   ...{ layers: [784, 8], activation: "relu", codeActivation: "linear", outputActivation: "sigmoid" },
 *   initialiser: "glorot",
 * });
 * const file = interchange.encodeOnnx(model, model.initialParameters(0), "encode");
 * console.log(file.length > 4 * 784 * 8); // true
 * ```
 */
export function encodeOnnx(
  model: Autoencoder,
  parameters: Float32Array,
  component: Component,
  metadata: Readonly<Record<string, string>> = {},
  columns?: Columns,
): Uint8Array {
  if (parameters.byteLength > LARGEST_FILE) {
    throw new UsageError(
      `a model of ${parameters.byteLength} bytes does not fit the 2 GiB of an ONNX file: export parts`,
    );
  }
  const opset = new BinaryWriter().tag(1, WireType.LengthDelimited).string("").tag(2, WireType.Varint).int64(OPSET);
  const writer = new BinaryWriter();
  writer.tag(1, WireType.Varint).int64(IR_VERSION);
  text(writer, 2, "dawnpour");
  text(writer, 3, version);
  message(writer, 7, graph(model, parameters, component, columns));
  message(writer, 8, opset);
  for (const [key, value] of Object.entries(metadata))
    message(writer, 14, text(text(new BinaryWriter(), 1, key), 2, value));
  return writer.finish();
}

function graph(model: Autoencoder, parameters: Float32Array, component: Component, columns?: Columns): Message {
  const layers = componentLayers(model, component);
  const { input, output } = NAMES[component];
  const before = columns && component !== "decode" ? TO_DEVIATIONS : undefined;
  const after = columns && component !== "encode" ? FROM_DEVIATIONS : undefined;
  const [first, last] = [before ? "input.deviations" : input, after ? "reconstruction.deviations" : output];
  const nodes = [...(before?.(input, first) ?? []), ...nodesOf(layers, first, last), ...(after?.(last, output) ?? [])];
  const writer = new BinaryWriter();
  for (const node of nodes) message(writer, 1, encodeNode(node));
  text(writer, 2, `${model.name}, ${component}`);
  for (const { name, inputs, outputs } of layers) {
    const part = (suffix: string): Float32Array => model.layout.part(parameters, `${name}.${suffix}`);
    message(writer, 5, tensor(`${name}.weight`, [inputs, outputs], part("weight")));
    message(writer, 5, tensor(`${name}.bias`, [outputs], part("bias")));
  }
  for (const [name, values] of Object.entries(columns ?? {})) {
    message(writer, 5, tensor(`columns.${name}`, [values.length], Float32Array.from(values)));
  }
  message(writer, 11, rows(input, layers[0].inputs));
  message(writer, 12, rows(output, layers[layers.length - 1].outputs));
  return writer;
}

/** Rows of the data, in standard deviations from the means of their columns. */
const TO_DEVIATIONS = (input: string, output: string): Node[] => [
  { operator: "Sub", inputs: [input, "columns.mean"], output: "input.centred" },
  { operator: "Div", inputs: ["input.centred", "columns.deviation"], output },
];

const FROM_DEVIATIONS = (input: string, output: string): Node[] => [
  { operator: "Mul", inputs: [input, "columns.deviation"], output: "reconstruction.centred" },
  { operator: "Add", inputs: ["reconstruction.centred", "columns.mean"], output },
];

function nodesOf(layers: readonly Dense[], input: string, output: string): Node[] {
  let current = input;
  return layers.flatMap(({ name, activation }, i) => {
    const out = i === layers.length - 1 ? output : `${name}.output`;
    const product = activation === "linear" ? out : `${name}.sum`;
    const gemm: Node = { operator: "Gemm", inputs: [current, `${name}.weight`, `${name}.bias`], output: product };
    current = out;
    if (activation === "linear") return [gemm];
    return [gemm, { ...operatorOf(activation), inputs: [product], output: out }];
  });
}

function encodeNode({ operator, inputs, output, attributes = [] }: Node): Message {
  const writer = new BinaryWriter();
  for (const input of inputs) text(writer, 1, input);
  text(writer, 2, output);
  text(writer, 3, output);
  text(writer, 4, operator);
  for (const attribute of attributes) message(writer, 5, encodeAttribute(attribute));
  return writer;
}

function encodeAttribute(attribute: Attribute): Message {
  const writer = text(new BinaryWriter(), 1, attribute.name);
  return "float" in attribute
    ? writer.tag(2, WireType.Bit32).float(attribute.float).tag(20, WireType.Varint).int32(1)
    : text(writer, 4, attribute.text).tag(20, WireType.Varint).int32(3);
}

function tensor(name: string, shape: readonly number[], data: Float32Array): Message {
  const writer = new BinaryWriter();
  for (const extent of shape) writer.tag(1, WireType.Varint).int64(extent);
  writer.tag(2, WireType.Varint).int32(FLOAT);
  text(writer, 8, name);
  return writer.tag(9, WireType.LengthDelimited).bytes(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

/** A value of the graph: `[n, size]` numbers. */
function rows(name: string, size: number): Message {
  const count = text(new BinaryWriter(), 2, "n");
  const extent = new BinaryWriter().tag(1, WireType.Varint).int64(size);
  const shape = message(message(new BinaryWriter(), 1, count), 1, extent);
  const type = message(new BinaryWriter().tag(1, WireType.Varint).int32(FLOAT), 2, shape);
  return message(text(new BinaryWriter(), 1, name), 2, message(new BinaryWriter(), 1, type));
}

function text(writer: Message, field: number, value: string): Message {
  return writer.tag(field, WireType.LengthDelimited).string(value);
}

function message(writer: Message, field: number, content: Message): Message {
  return writer.tag(field, WireType.LengthDelimited).bytes(content.finish());
}
