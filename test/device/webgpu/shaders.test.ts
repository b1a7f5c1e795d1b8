/**
 * Every variant of every shader, through Dawn's whole compiler: its null backend checks all that a GPU would be asked to do,
 * and needs none.
 */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { create } from "webgpu";
import { type GemmPlan, type GemmPlanner, gemmTiles, planGemm } from "../../../src/device/webgpu/gemm-tile.js";
import type { Kernel, Target } from "../../../src/device/webgpu/kernel.js";
import { linkKernel } from "../../../src/device/webgpu/link.js";
import { lower } from "../../../src/device/webgpu/lowering/lower.js";
import { bindOperands } from "../../../src/device/webgpu/operands.js";
import { Scratch } from "../../../src/device/webgpu/scratch.js";
import { SHADERS } from "../../../src/device/webgpu/shaders.js";
import type { View } from "../../../src/program/buffer.js";
import {
  ACTIVATIONS,
  DISTRIBUTIONS,
  derivativeFrom,
  type GemmOp,
  LOSSES,
  type Op,
  REDUCED,
  stateSlots,
  UPDATE_RULES,
  type UpdateRule,
  updateRules,
} from "../../../src/program/op.js";
import { type Program, ProgramBuilder } from "../../../src/program/program.js";

const SUBGROUP_MATRIX = "chromium-experimental-subgroup-matrix" as GPUFeatureName;
const gpu = create(["backend=null", "enable-dawn-features=allow_unsafe_apis"]);
let device: GPUDevice;

beforeAll(async () => {
  const adapter = await gpu.requestAdapter();
  if (!adapter) throw new Error("Dawn has a null backend everywhere");
  device = await adapter.requestDevice({
    requiredFeatures: ["shader-f16", "subgroups", SUBGROUP_MATRIX],
  });
});
afterAll(() => device.destroy());

const gpuTarget = (): Target => ({ limits: device.limits, software: false, lanes: undefined });
const softwareTarget = (lanes: number): Target => ({ limits: device.limits, software: true, lanes });

/** How far a kernel is compiled. A module is checked for everything but its use of the GPU's resources. */
type Stage = "module" | "pipeline";

/** Compiles each kernel of a program. Rejects with Dawn's words. */
async function compileAll(
  program: Program,
  target: Target,
  plan: GemmPlanner = planGemm,
  stage: Stage = "pipeline",
): Promise<number> {
  const lengths = new Map(program.buffers.map(({ name, length }) => [name, length]));
  const memory = { identity: (name: string) => name, length: (name: string) => lengths.get(name) ?? 0 };
  const kernels = program.ops.flatMap((op: Op) => lower(op, target, new Scratch(), plan));
  for (const kernel of kernels)
    await compile(kernel, bindOperands("test", kernel.operands, memory, target.limits).wgsl, stage);
  return kernels.length;
}

async function compile(kernel: Kernel, operands: string, stage: Stage): Promise<void> {
  const code = await linkKernel(SHADERS, kernel, operands, kernel.workgroups);
  device.pushErrorScope("validation");
  const module = device.createShaderModule({ code });
  const error = await device.popErrorScope();
  if (error) throw new Error(`${kernel.shader}: ${error.message}\n${code}`);
  if (stage === "pipeline") await device.createComputePipelineAsync({ layout: "auto", compute: { module } });
}

type Float = "f32" | "f16";

/** Views of `name` that start at a multiple of four, or do not. */
function viewIn(
  builder: ProgramBuilder,
  name: string,
  rows: number,
  columns: number,
  offset: number,
  type: Float = "f32",
): View {
  const all = builder.buffer(name, type, [rows * columns + offset]);
  return { ...all, rows, columns, offset };
}

const PLACES = [
  { name: "in fours", size: [8, 12], offset: 0 },
  { name: "one by one", size: [7, 13], offset: 3 },
] as const;

describe.each(PLACES)("vectors $name", ({ size: [rows, columns], offset }) => {
  const make = (build: (builder: ProgramBuilder, view: (name: string, type?: Float) => View) => void): Program => {
    const builder = new ProgramBuilder("variant");
    build(builder, (name, type) => viewIn(builder, name, rows, columns, offset, type));
    return builder.build();
  };
  const compiles = async (program: Program): Promise<void> => {
    expect(await compileAll(program, gpuTarget())).toBeGreaterThanOrEqual(program.ops.length);
  };

  it("elementwise ops", () =>
    compiles(
      make((builder, view) => {
        const [x, y, z] = [view("x"), view("y"), view("z")];
        for (const activation of ACTIVATIONS) {
          builder.activate({ activation, input: x, out: y });
          builder.activationGradient({ activation, at: x, gradient: y, out: z });
        }
        builder.scale({ input: x, factor: -1e-9, out: x }).add({ a: x, b: y, factor: 0.5, out: y });
        builder.copy({ input: x, out: y }).fill({ value: 1e20, out: z });
        const [norm, factor] = [builder.buffer("norm", "f32", [1]), builder.buffer("factor", "f32", [1])];
        builder.norm({ input: x, out: norm }).clipFactor({ norm, maximum: 2, out: factor });
        builder.sumRows({ input: x, out: builder.buffer("sums", "f32", [columns]), accumulate: true });
      }),
    ));

  it("ops on columns, and random numbers", () =>
    compiles(
      make((builder, view) => {
        const [x, y] = [view("x"), view("y")];
        const position = builder.buffer("position", "u32", [2]);
        for (const distribution of DISTRIBUTIONS) {
          builder.random({ distribution, seed: 2 ** 53 - 1, stream: 2 ** 32 - 1, position, row: 2 ** 31, out: x });
        }
        const [values, taken] = [builder.buffer("values", "f32", [rows, 1]), builder.buffer("taken", "f32", [rows, 1])];
        for (const type of ["u8", "u32", "f32"] as const) {
          const labels = builder.buffer(`labels in ${type}`, type, [rows]);
          builder.oneHot({ labels, out: x }).oneHot({ labels, values, out: x }).take({ input: y, labels, out: taken });
        }
        const transposed = builder.buffer("transposed", "f32", [columns, rows]);
        const wide = builder.buffer("wide", "f32", [rows, 2 * columns]);
        builder.transpose({ input: x, out: transposed }).concat({ inputs: [x, y], out: wide });
        builder.sliceColumns({ input: wide, first: 1, out: x });
        for (const over of REDUCED) {
          const shape = [over === "columns" ? rows : 1, over === "rows" ? columns : 1] as const;
          builder.reduce({ by: "logSumExp", over, input: x, out: builder.buffer(`over ${over}`, "f32", shape) });
        }
      }),
    ));

  it("losses", () =>
    compiles(
      make((builder, view) => {
        const cursor = builder.buffer("step", "u32", [1]);
        const total = builder.table("totals", "f32", 5, [1], cursor);
        const [input, target, gradient] = [view("input"), view("target"), view("gradient")];
        for (const loss of LOSSES) {
          builder
            .loss({ loss, input, target, scale: 1 / 3, total })
            .loss({ loss, input, target, scale: 1, total, gradient });
        }
        builder.advance(cursor);
      }),
    ));

  it("ops on f16", () =>
    compiles(
      make((builder, view) => {
        const [wide, half, other] = [view("wide"), view("half", "f16"), view("other", "f16")];
        const one = builder.buffer("one", "f32", [1]);
        builder.copy({ input: wide, out: half }).copy({ input: half, out: wide }).copy({ input: half, out: other });
        builder.sumRows({ input: half, out: builder.buffer("sums", "f32", [columns]) });
        for (const activation of ACTIVATIONS)
          builder.activationGradient({ activation, at: other, gradient: half, out: half });
        for (const loss of LOSSES) {
          const [total, scale] = [builder.buffer(loss, "f32", [1]), 1 / 3];
          builder.loss({ loss, input: half, target: other, scale, total, gradient: half, gradientScale: one });
        }
        const [source, rowNumbers] = [
          builder.buffer("source", "u8", [7, columns]),
          builder.buffer("rows", "u32", [rows]),
        ];
        builder.gather({ source, rows: rowNumbers, scale: 1 / 255, out: half });
        const state = builder.buffer("state", "f32", [2]);
        const norm = builder.buffer("norm", "f32", [1]);
        builder.lossScale({ norm, state, interval: 10, out: one });
        builder.lossScale({ norm, state, interval: 10, maximum: 1, out: one });
        builder.guard({ norm, loss: norm, state, out: one });
      }),
    ));

  it("gathers", () =>
    compiles(
      make((builder, view) => {
        const rowNumbers = builder.buffer("rows", "u32", [rows]);
        for (const type of ["u8", "f32"] as const) {
          const all = builder.buffer(`source of ${type}`, type, [20 * columns + offset]);
          const source = { ...all, rows: 20, columns, offset };
          builder.gather({ source, rows: rowNumbers, scale: 1 / 255, out: view(`from ${type}`) });
        }
      }),
    ));

  it.each(UPDATE_RULES)("update by %s", (name) =>
    compiles(
      make((builder, view) => {
        const [parameters, gradients] = [view("parameters"), view("gradients")];
        const state = stateSlots(name).map((slot) => view(slot));
        const scalars = builder.buffer("scalars", "f32", [4]);
        const gradientScale = builder.buffer("scale", "f32", [1]);
        const { defaults } = updateRules.get(name);
        for (const weightDecay of [0, 0.01]) {
          const rule = { ...defaults, name, weightDecay } as UpdateRule;
          builder.update({ rule, parameters, gradients, state, scalars });
          builder.update({ rule, parameters, gradients, state, scalars, gradientScale });
          builder.update({ rule, parameters, gradients, state, scalars, gradientScale, gate: gradientScale });
        }
      }),
    ),
  );
});

/** Sizes that are no multiple of any tile: multiples of four, and primes. */
const SHAPES = [
  { m: 12, n: 20, k: 36 },
  { m: 13, n: 17, k: 37 },
];

function gemms(type: Float = "f32"): Program {
  const builder = new ProgramBuilder("gemms");
  for (const [i, { m, n, k }] of SHAPES.entries()) {
    for (const transposeA of [false, true]) {
      for (const transposeB of [false, true]) {
        const name = `${i} ${transposeA} ${transposeB}`;
        builder.gemm({
          a: builder.buffer(`a ${name}`, type, transposeA ? [k, m] : [m, k]),
          b: builder.buffer(`b ${name}`, type, transposeB ? [n, k] : [k, n]),
          ...{ transposeA, transposeB },
          out: builder.buffer(`out ${name}`, type, [m, n]),
        });
      }
    }
  }
  return builder.build();
}

function epilogues(type: Float = "f32"): Program {
  const builder = new ProgramBuilder("epilogues");
  for (const [i, { m, n, k }] of SHAPES.entries()) {
    const [a, b] = [builder.buffer(`a ${i}`, type, [m, k]), builder.buffer(`b ${i}`, type, [k, n])];
    const bias = builder.buffer(`bias ${i}`, "f32", [n]);
    const [out, before] = [builder.buffer(`out ${i}`, type, [m, n]), builder.buffer(`before ${i}`, type, [m, n])];
    const at = builder.buffer(`at ${i}`, type, [m, n]);
    for (const activation of ACTIVATIONS) {
      const preActivation = derivativeFrom(activation) === "input" ? before : undefined;
      builder.gemm({ a, b, bias, preActivation, activation, out });
      builder.gemm({ a, b, accumulate: type === "f32", derivative: { activation, at }, out });
    }
  }
  return builder.build();
}

describe("gemms", () => {
  const everyPlan = (target: Target): GemmPlan[] =>
    gemmTiles(target).flatMap((tile) => [1, 2].map((parts) => ({ tile, parts })));

  it.each([4, 8, 32])("of every tile, for subgroups of %i", async (lanes) => {
    const target = softwareTarget(lanes);
    const plans = everyPlan(target);
    expect(plans.some(({ tile }) => tile.family === "subgroup")).toBe(true);
    expect(plans.some(({ tile }) => tile.family === "workgroup")).toBe(true);
    const own = lanes === 4 ? plans : plans.filter(({ tile }) => tile.family === "subgroup");
    for (const plan of own) await compileAll(gemms(), target, () => plan);
  });

  it("of f16, of every tile", async () => {
    for (const plan of everyPlan(softwareTarget(8))) await compileAll(gemms("f16"), softwareTarget(8), () => plan);
  });

  it.each([
    { m: 16, n: 16, k: 16 },
    { m: 16, n: 8, k: 16 },
    { m: 8, n: 8, k: 8 },
  ])("of f16 in subgroup matrices of %o", async (matrix) => {
    // A row of the workgroup must fill the largest possible subgroup, which has 128 lanes on the null backend.
    const target: Target = { ...gpuTarget(), lanes: 128, matrix };
    const plans = everyPlan(target).filter(({ tile }) => tile.family === "matrix");
    expect(plans.length).toBeGreaterThan(0);
    for (const plan of plans) await compileAll(gemms("f16"), target, () => plan);
    await compileAll(epilogues("f16"), target);
  });

  /** The limits of a current GPU, which are larger than those of the null backend. */
  const tensorTarget = (matrix = { m: 16, n: 16, k: 16 }): Target => ({
    limits: {
      maxStorageBufferBindingSize: 2 ** 31 - 4,
      maxStorageBuffersPerShaderStage: 8,
      minStorageBufferOffsetAlignment: 256,
      maxComputeWorkgroupStorageSize: 48 * 1024,
      maxComputeInvocationsPerWorkgroup: 1024,
      maxComputeWorkgroupsPerDimension: 65535,
    },
    ...{ software: false, lanes: 32, matrix },
  });

  it("of f16 in subgroup matrices, of every tile", async () => {
    const target = tensorTarget();
    const plans = everyPlan(target).filter(({ tile }) => tile.family === "matrix");
    expect(plans).toHaveLength(10);
    for (const plan of plans) await compileAll(gemms("f16"), target, () => plan, "module");
  });

  it("take subgroup matrices for f16 alone, and the largest tile that keeps a GPU busy", () => {
    const target = tensorTarget();
    const planned = (type: Float, size: number, seen = target) => {
      const builder = new ProgramBuilder("gemm");
      const [a, b, out] = ["a", "b", "out"].map((name) => builder.buffer(name, type, [size, size]));
      const op = builder.gemm({ a, b, out }).build().ops[0] as GemmOp;
      return planGemm({ m: size, n: size, k: size }, seen, op);
    };
    expect(planned("f32", 4096).tile.family).toBe("workgroup");
    expect(planned("f16", 4096, { ...target, matrix: undefined }).tile.family).toBe("workgroup");
    expect(planned("f16", 4096).tile).toMatchObject({ family: "matrix", blocksM: 4 });
    expect(planned("f16", 64).tile).toMatchObject({ family: "matrix", subgroupsM: 1, subgroupsN: 1 });
  });

  it.each(["f32", "f16"] as const)("with every epilogue, of %s", async (type) => {
    await compileAll(epilogues(type), gpuTarget());
    await compileAll(epilogues(type), gpuTarget(), (shape, target, op) => ({
      ...planGemm(shape, target, op),
      parts: 2,
    }));
    await compileAll(epilogues(type), softwareTarget(8));
  });
});
