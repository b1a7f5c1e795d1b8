/** Extreme values through the vector functions of every instruction set this chip has. */
import { describe, expect, it } from "vitest";
import { cpuDeviceInfo, openCpuDevice } from "../../../src/device/cpu/cpu-device.js";
import type { InstructionSet } from "../../../src/device/cpu/cpu-options.js";
import { ACTIVATIONS, type Activation } from "../../../src/program/op.js";
import { ProgramBuilder } from "../../../src/program/program.js";

const EXTREMES = [-Infinity, -1e38, -100, -0, 0, 1e-42, 100, 1e38, Infinity, NaN];
const LIMITS: Readonly<Record<Activation, readonly [low: number, high: number]>> = {
  linear: [-Infinity, Infinity],
  relu: [0, Infinity],
  "leaky-relu": [-Infinity, Infinity],
  sigmoid: [0, 1],
  tanh: [-1, 1],
  gelu: [NaN, Infinity],
};

/** activation(x) and activation'(x) for each of the extreme values, in several places of a vector. */
async function evaluate(isa: InstructionSet, activation: Activation): Promise<[Float32Array, Float32Array]> {
  const device = openCpuDevice({ threads: 1, isa });
  const builder = new ProgramBuilder(activation);
  const shape = [1, EXTREMES.length] as const;
  const [x, one, y, dy] = ["x", "one", "y", "dy"].map((name) => builder.buffer(name, "f32", shape));
  builder
    .activate({ activation, input: x, out: y })
    .activationGradient({ activation, at: activation === "gelu" ? x : y, gradient: one, out: dy });
  const executable = await device.compile(builder.build());
  executable.buffer("x").write(Float32Array.from(EXTREMES));
  executable.buffer("one").write(new Float32Array(EXTREMES.length).fill(1));
  executable.run();
  const read = async (name: string) => (await executable.buffer(name).read()) as Float32Array;
  const results = [await read("y"), await read("dy")] as [Float32Array, Float32Array];
  device.destroy();
  return results;
}

describe.each(cpuDeviceInfo().features as InstructionSet[])("%s", (isa) => {
  it.each(ACTIVATIONS)("takes %s to its limits, and lets only NaN be NaN", async (activation) => {
    const [y, dy] = await evaluate(isa, activation);
    const [low, high] = LIMITS[activation];
    expect(y[0]).toBe(low);
    expect(y[EXTREMES.length - 2]).toBe(high);
    expect(y.at(-1)).toBeNaN();
    const finite = (values: Float32Array) => [...values.subarray(1, EXTREMES.length - 2)].every(Number.isFinite);
    expect(finite(y)).toBe(true);
    expect(finite(dy)).toBe(true);
    // The derivative of gelu is one half near 0. Far from 0 it is that of a step, 0 or 1.
    if (activation === "gelu") expect([dy[0], dy[1], dy[3], dy[4], dy[8]]).toEqual([0, 0, 0.5, 0.5, 1]);
  });
});
