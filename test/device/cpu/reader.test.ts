/** The native core checks all ops that it gets: it refuses an op that would read or write past its memory. */
import { afterAll, describe, expect, it } from "vitest";
import { cpuCore, type MemoryHandle } from "../../../src/device/cpu/addon.js";
import { cpuDeviceInfo } from "../../../src/device/cpu/cpu-device.js";
import type { NativeOp } from "../../../src/device/cpu/native-op.js";

const core = cpuCore();
const engine = core.open(cpuDeviceInfo().features[0], 1, undefined, 0, false);
const memory = core.allocate(1024);
afterAll(() => core.close(engine));

const view = (rows: number, columns: number, type = "f32") => ({ buffer: "memory", offset: 0, rows, columns, type });
const [tiny, gone] = [core.allocate(2), core.allocate(8)] as MemoryHandle[];
core.release(gone);
const compile = (op: object) => {
  if (!memory) throw new Error("no memory");
  return core.compile(engine, [op as NativeOp], { memory, tiny, gone });
};

const MAP = {
  kind: "map",
  inputs: [view(2, 3)],
  constants: [],
  registers: 2,
  steps: ["neg", 1, 0, 0, 0],
  out: view(2, 3),
};
const REDUCE = { kind: "reduce", by: "sum", over: "rows", input: view(2, 3), out: view(1, 3) };

const RANDOM = {
  kind: "random",
  distribution: "normal",
  seed: 1,
  stream: 2,
  row: 3,
  position: view(1, 2, "u32"),
  out: view(2, 3),
};
const TAKE = { kind: "take", input: view(3, 4), labels: view(1, 3, "u8"), out: view(3, 1) };
const ONE_HOT = { kind: "oneHot", labels: view(1, 3, "u32"), values: view(3, 1), out: view(3, 4) };
const TRANSPOSE = { kind: "transpose", input: view(3, 4), out: view(4, 3) };
const SLICE = { kind: "sliceColumns", input: view(3, 4), first: 1, out: view(3, 3) };
const CONCAT = { kind: "concat", inputs: [view(3, 4), view(3, 2)], out: view(3, 6) };

it("takes as many registers as a map can have, in blocks that fit", async () => {
  const [count, columns] = [4096, 100];
  const data = Float32Array.from({ length: columns }, (_, i) => i - 3);
  const buffers = { memory: core.allocate(2 * data.byteLength) as MemoryHandle };
  core.write(engine, buffers.memory, 0, data);
  const chain = Array.from({ length: count - 1 }, (_, i) => ["neg", i + 1, i, 0, 0]).flat();
  const out = { ...view(1, columns), offset: columns };
  const op = { ...MAP, inputs: [view(1, columns)], registers: count, steps: chain, out };
  const executable = core.compile(engine, [op as NativeOp], buffers);
  core.run(engine, executable, 1);
  const read = new Float32Array(columns);
  await core.read(engine, buffers.memory, data.byteLength, read);
  expect(read).toEqual(data.map((x) => 0 - x));
  core.discard(executable);
});

const WITH_OUT = { out: view(2, 3) };
const GEMM = {
  kind: "gemm",
  a: view(2, 4),
  b: view(4, 3),
  transposeA: false,
  transposeB: false,
  accumulate: false,
  activation: "linear",
  out: view(2, 3),
};
const UPDATE = {
  kind: "update",
  rule: { name: "adam", beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0 },
  parameters: view(1, 8),
  gradients: view(1, 8),
  state: [view(1, 8), view(1, 8)],
  scalars: view(1, 4),
};
const GATHER = { kind: "gather", source: view(5, 3, "u8"), rows: view(1, 2, "u32"), scale: 1, out: view(2, 3) };
const LOSS = { kind: "loss", loss: "mse", input: view(2, 3), target: view(2, 3), scale: 1, total: view(1, 1) };
const NORM = { norm: view(1, 1), maximum: 1, interval: 1, out: view(1, 1) };

/** One valid op of each kind. */
const RIGHT = [
  MAP,
  REDUCE,
  GEMM,
  UPDATE,
  GATHER,
  LOSS,
  { kind: "activate", activation: "relu", input: view(2, 3), ...WITH_OUT },
  { kind: "activationGradient", activation: "relu", at: view(2, 3), gradient: view(2, 3, "f16"), ...WITH_OUT },
  { kind: "sumRows", input: view(2, 3, "bf16"), accumulate: false, out: view(1, 3) },
  { kind: "scale", input: view(2, 3), factor: 2, ...WITH_OUT },
  { kind: "add", a: view(2, 3), b: view(2, 3), factor: 2, ...WITH_OUT },
  { kind: "copy", input: view(2, 3, "f16"), ...WITH_OUT },
  { kind: "fill", value: 1, ...WITH_OUT },
  { kind: "norm", input: view(2, 3), out: view(1, 1) },
  { kind: "clipFactor", ...NORM },
  { kind: "lossScale", ...NORM, state: view(1, 2) },
  { kind: "guard", ...NORM, loss: view(1, 1), state: view(1, 2) },
  { kind: "advance", cursor: view(1, 1, "u32") },
  RANDOM,
  TAKE,
  ONE_HOT,
  TRANSPOSE,
  SLICE,
  CONCAT,
];

/** Keys whose value is a view. */
const viewKeys = (op: object) => Object.entries(op).filter(([, value]) => value?.buffer !== undefined);

describe("the native core refuses", () => {
  it.each<readonly [string, object, string]>([
    ["a map without steps", { ...MAP, steps: [] }, "steps of a map are not runs of five numbers"],
    ["half a step", { ...MAP, steps: ["neg", 1, 0] }, "steps of a map are not runs of five numbers"],
    ["a step and a half", { ...MAP, steps: [...MAP.steps, "neg"] }, "steps of a map are not runs of five numbers"],
    ["a step to an input", { ...MAP, steps: ["neg", 0, 0, 0, 0] }, "steps of a map name no register"],
    ["too many registers", { ...MAP, registers: 4097 }, "registers of a map are too many"],
    ["a map of bytes", { ...MAP, inputs: [view(2, 3, "u8")] }, "input cannot be u8"],
    ["a map to bytes", { ...MAP, out: view(2, 3, "u8") }, "out cannot be u8"],
    ["a sum of bytes", { ...REDUCE, input: view(2, 3, "u8") }, "input cannot be u8"],
    ["a sum to half floats", { ...REDUCE, out: view(1, 3, "f16") }, "out cannot be f16"],
    ["a sum of another shape", { ...REDUCE, over: "all" }, "out is not of the shape that the op needs"],
    ["a product of bytes", { ...GEMM, a: view(2, 4, "u8"), b: view(4, 3, "u8") }, "a cannot be u8"],
    ["factors of two types", { ...GEMM, b: view(4, 3, "f16") }, "b is of another type than a"],
    ["factors that do not fit", { ...GEMM, transposeA: true }, "b does not have the inner size of a"],
    ["a bias of another width", { ...GEMM, bias: view(1, 4) }, "bias is not of the shape"],
    ["half floats that accumulate", { ...GEMM, accumulate: true, out: view(2, 3, "f16") }, "out cannot be f16"],
    ["an update without its state", { ...UPDATE, state: [view(1, 8)] }, "state has another number of slots"],
    ["an update of three scalars", { ...UPDATE, scalars: view(1, 3) }, "scalars is not of the shape"],
    ["rows of other columns", { ...GATHER, source: view(5, 4) }, "source has other columns than out"],
    ["half floats as samples", { ...GATHER, source: view(5, 3, "f16") }, "source cannot be f16"],
    ["a gradient of another shape", { ...LOSS, gradient: view(2, 4) }, "gradient is not of the shape"],
    ["a buffer that is not there", { ...LOSS, total: { ...view(1, 1), buffer: "other" } }, "no buffer other"],
    ["a released buffer", { ...LOSS, total: { ...view(1, 1), buffer: "gone" } }, "gone is a buffer that was released"],
    ["a place outside", { ...LOSS, total: { ...view(1, 1), offset: 256 } }, "total lies outside its buffer"],
    ["an empty view", { ...LOSS, total: view(0, 1) }, "total lies outside its buffer"],
    ["a cursor of two bytes", { ...LOSS, total: { ...view(1, 1), cursor: "tiny" } }, "without room for a number"],
    ["a place of one word", { ...RANDOM, position: view(1, 1, "u32") }, "position is not of the shape"],
    ["half random numbers", { ...RANDOM, out: view(2, 3, "f16") }, "out cannot be f16"],
    ["too few labels", { ...ONE_HOT, labels: view(1, 2, "u32") }, "labels are not one for each row"],
    ["half labels", { ...ONE_HOT, labels: view(1, 3, "f16") }, "labels cannot be f16"],
    ["too few values", { ...ONE_HOT, values: view(2, 1) }, "values are not one for each row"],
    ["what is taken of fewer rows", { ...TAKE, input: view(2, 4) }, "out is not of the shape"],
    ["a transpose of another shape", { ...TRANSPOSE, out: view(3, 4) }, "input is not of the shape"],
    ["a transpose to another type", { ...TRANSPOSE, out: view(4, 3, "f16") }, "input cannot be f32"],
    ["columns past the end", { ...SLICE, first: 2 }, "out is not of columns that input has"],
    ["too few columns side by side", { ...CONCAT, out: view(3, 5) }, "inputs have other columns than out"],
    ["fewer rows side by side", { ...CONCAT, inputs: [view(3, 4), view(2, 2)] }, "input has other rows than out"],
    ["bytes side by side", { ...CONCAT, out: view(3, 6, "u8") }, "out cannot be u8"],
  ])("%s", (_, op, sentence) => {
    expect(() => compile(op)).toThrow(sentence);
  });

  it.each(RIGHT.map((op) => [op.kind, op] as const))("an operand of %s that is missing, or longer", (_, op) => {
    expect(viewKeys(op).length).toBeGreaterThan(0);
    for (const [key, value] of viewKeys(op)) {
      // Only the values of a one-hot may be left out.
      if (key !== "values") expect(() => compile({ ...op, [key]: undefined })).toThrow(/is not an object/);
      const longer = { ...op, [key]: { ...value, columns: value.columns + 1 } };
      const ofAnySize = ["fill.out", "norm.input", "random.out", "take.input", "oneHot.out", "sliceColumns.input"];
      if (!ofAnySize.includes(`${op.kind}.${key}`)) expect(() => compile(longer)).toThrow(/cpu device: /);
    }
  });

  it("no correct op", () => {
    for (const op of RIGHT) core.discard(compile(op));
  });
});
