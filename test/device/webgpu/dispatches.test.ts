/** How many dispatches a training step takes: the figures that bench/lab.md gives. */
import { expect, it } from "vitest";
import { benchmarkModel, benchmarkProgram, STEP_SHAPES } from "../../../src/benchmark/step.js";
import { planGemm } from "../../../src/device/webgpu/gemm-tile.js";
import type { Target } from "../../../src/device/webgpu/kernel.js";
import { lower } from "../../../src/device/webgpu/lowering/lower.js";
import { Scratch } from "../../../src/device/webgpu/scratch.js";

const GPU: Target = {
  limits: {
    maxStorageBufferBindingSize: 2 ** 31 - 4,
    maxStorageBuffersPerShaderStage: 8,
    minStorageBufferOffsetAlignment: 256,
    maxComputeWorkgroupStorageSize: 32768,
    maxComputeInvocationsPerWorkgroup: 256,
    maxComputeWorkgroupsPerDimension: 65535,
  },
  software: false,
  lanes: 32,
};

it.each(
  (["f32", "f16"] as const).map(
    (precision) => [precision, precision === "f32" ? [23, 27, 39, 47] : [27, 31, 43, 51]] as const,
  ),
)("a training step in %s takes %j dispatches", (precision, wanted) => {
  const counts = STEP_SHAPES.map(({ layers, batch }) => {
    const { ops } = benchmarkProgram(benchmarkModel(layers), batch, precision);
    return ops.reduce((count, op) => count + lower(op, GPU, new Scratch(), planGemm).length, 0);
  });
  expect(counts).toEqual(wanted);
});
