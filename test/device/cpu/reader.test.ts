/** The native core does not trust the ops that it is given: what would read or write past its memory is refused. */
import { afterAll, describe, expect, it } from "vitest";
import { cpuCore, type MemoryHandle } from "../../../src/device/cpu/addon.js";
import { cpuDeviceInfo } from "../../../src/device/cpu/cpu-device.js";
import type { NativeOp } from "../../../src/device/cpu/native-op.js";

const core = cpuCore();
const engine = core.open(cpuDeviceInfo().features[0], 1, undefined, 0, false);
const memory = core.allocate(1024);
afterAll(() => core.close(engine));

const view = (rows: number, columns: number, type = "f32") => ({ buffer: "memory", offset: 0, rows, columns, type });
const compile = (op: object) => {
  if (!memory) throw new Error("no memory");
  return core.compile(engine, [op as NativeOp], { memory });
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
const SIDE_BY_SIDE = "what is put side by side does not fit";

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

describe("the native core refuses", () => {
  it.each<readonly [string, object, string]>([
    ["a map without steps", { ...MAP, steps: [] }, "the steps of a map are not runs of five numbers"],
    ["half a step", { ...MAP, steps: ["neg", 1, 0] }, "the steps of a map are not runs of five numbers"],
    ["a step and a half", { ...MAP, steps: [...MAP.steps, "neg"] }, "the steps of a map are not runs of five numbers"],
    ["a map of bytes", { ...MAP, inputs: [view(2, 3, "u8")] }, "an input of a map is not float"],
    ["a map to bytes", { ...MAP, out: view(2, 3, "u8") }, "the output of a map is not float"],
    ["a sum of bytes", { ...REDUCE, input: view(2, 3, "u8") }, "a reduction is of floats, to f32"],
    ["a sum to half floats", { ...REDUCE, out: view(1, 3, "f16") }, "a reduction is of floats, to f32"],
    [
      "a sum of another shape",
      { ...REDUCE, over: "all" },
      "the output of a reduction does not have the shape that it gives",
    ],
    [
      "a place of one word",
      { ...RANDOM, position: view(1, 1, "u32") },
      "the position of random numbers is not two words",
    ],
    ["half random numbers", { ...RANDOM, out: view(2, 3, "f16") }, "random numbers are f32"],
    ["too few labels", { ...ONE_HOT, labels: view(1, 2, "u32") }, "labels are not one for each row"],
    ["half labels", { ...ONE_HOT, labels: view(1, 3, "f16") }, "labels are narrow floats"],
    ["too few values", { ...ONE_HOT, values: view(2, 1) }, "values are not one for each row"],
    ["what is taken of fewer rows", { ...TAKE, input: view(2, 4) }, "what is taken is not one for each row"],
    [
      "a transpose of another shape",
      { ...TRANSPOSE, out: view(3, 4) },
      "a transpose does not have the shape that it gives",
    ],
    ["a transpose to another type", { ...TRANSPOSE, out: view(4, 3, "f16") }, "columns are moved between two types"],
    ["columns past the end", { ...SLICE, first: 2 }, "columns lie outside their matrix"],
    ["too few columns side by side", { ...CONCAT, out: view(3, 5) }, SIDE_BY_SIDE],
    ["fewer rows side by side", { ...CONCAT, inputs: [view(3, 4), view(2, 2)] }, SIDE_BY_SIDE],
    ["bytes side by side", { ...CONCAT, out: view(3, 6, "u8") }, "columns are not of floats"],
  ])("%s", (_, op, sentence) => {
    expect(() => compile(op)).toThrow(sentence);
  });

  it("nothing that is right", () => {
    for (const op of [MAP, REDUCE, RANDOM, TAKE, ONE_HOT, TRANSPOSE, SLICE, CONCAT]) core.discard(compile(op));
  });
});
