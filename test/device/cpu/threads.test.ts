/** A program has the same bits with any number of threads. The sizes reach past every size at which work is split. */
import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CpuDevice, openCpuDevice } from "../../../src/device/cpu/cpu-device.js";
import type { TypedArray } from "../../../src/program/buffer.js";
import { ACTIVATIONS } from "../../../src/program/op.js";
import { derivativePoint, normal, Scenario } from "../../support/scenario.js";

const THREADS = [1, 2, 3, 5];

let devices: CpuDevice[];
beforeAll(() => {
  devices = THREADS.map((threads) => openCpuDevice({ threads }));
});
afterAll(() => {
  for (const device of devices) device.destroy();
});

/** Every buffer after the scenario's runs. */
async function results(device: CpuDevice, scenario: Scenario): Promise<TypedArray[]> {
  const executable = await device.compile(scenario.program);
  for (const [name, values] of Object.entries(scenario.inputs)) executable.buffer(name).write(values);
  executable.run(scenario.runs);
  const read = await Promise.all(scenario.program.buffers.map(({ name }) => executable.buffer(name).read()));
  executable.destroy();
  return read;
}

async function expectSameBits(scenario: Scenario): Promise<void> {
  const [one, ...others] = await Promise.all(devices.map((device) => results(device, scenario)));
  const bits = (arrays: TypedArray[]): Buffer[] => arrays.map((a) => Buffer.from(a.buffer, a.byteOffset, a.byteLength));
  for (const [i, other] of others.entries()) {
    bits(one).forEach((expected, b) => {
      const { name } = scenario.program.buffers[b];
      expect(bits(other)[b].equals(expected), `${scenario.name}: ${name}, ${THREADS[i + 1]} threads`).toBe(true);
    });
  }
}

const activation = fc.constantFrom(...ACTIVATIONS);
const gemm = fc.record({
  seed: fc.nat(),
  m: fc.integer({ min: 1, max: 200 }),
  k: fc.integer({ min: 1, max: 300 }),
  n: fc.integer({ min: 1, max: 200 }),
  transposeA: fc.boolean(),
  transposeB: fc.boolean(),
  accumulate: fc.boolean(),
  activation,
  derivative: activation,
});
type Gemm = typeof gemm extends fc.Arbitrary<infer T> ? T : never;

function multiplication({ seed, m, k, n, derivative, ...options }: Gemm): Scenario {
  const scenario = new Scenario(`gemm ${m} x ${k} x ${n}`, seed);
  const { transposeA, transposeB } = options;
  scenario.builder.gemm({
    ...options,
    a: scenario.f32("a", transposeA ? [k, m] : [m, k]),
    b: scenario.f32("b", transposeB ? [n, k] : [k, n]),
    bias: scenario.f32("bias", [1, n]),
    preActivation: scenario.f32("pre", [m, n]),
    derivative: { activation: derivative, at: scenario.f32("at", [m, n], derivativePoint(derivative, normal)) },
    out: scenario.f32("out", [m, n]),
  });
  return scenario;
}

/**
 * Shapes for each branch of the kernel: blocks of the inner dimension, blocks of rows, single lines, rows of op(A) that are
 * packed (columns of A, many and deep), and rows that are read in place.
 */
const EXTREMES = [
  { m: 1, k: 3000, n: 131, transposeA: false },
  { m: 2100, k: 1100, n: 20, transposeA: false },
  { m: 300, k: 30, n: 1, transposeA: false },
  { m: 5000, k: 1, n: 60, transposeA: false },
  { m: 40, k: 2049, n: 70, transposeA: false },
  { m: 61, k: 700, n: 259, transposeA: true },
  { m: 2100, k: 600, n: 20, transposeA: true },
  { m: 301, k: 90, n: 300, transposeA: true },
] as const;

describe("threads", () => {
  it("do not change a bit of a matrix product", async () => {
    const options = {
      transposeB: false,
      accumulate: true,
      activation: "gelu",
      derivative: "tanh",
    } as const;
    for (const shape of EXTREMES) await expectSameBits(multiplication({ seed: 1, ...shape, ...options }));
    await fc.assert(
      fc.asyncProperty(gemm, (sizes) => expectSameBits(multiplication(sizes))),
      { numRuns: 40, seed: 1 },
    );
  });

  it.runIf(process.platform === "linux")("may run on every core, wherever they have moved meanwhile", async () => {
    const allowed = (thread: string): string | undefined =>
      /^Cpus_allowed:\s*(\S+)/m.exec(readFileSync(`/proc/self/task/${thread}/status`, "utf8"))?.[1];
    const own = allowed(String(process.pid));
    const device = openCpuDevice({ threads: 2 });
    const plain = { transposeB: false, accumulate: true, activation: "linear", derivative: "linear" } as const;
    const scenario = multiplication({ seed: 1, m: 100, k: 300, n: 100, transposeA: false, ...plain });
    for (let run = 0; run < 30; run++) await results(device, scenario);
    // A thread that has just become idle may still move to another core once.
    await expect.poll(() => new Set(readdirSync("/proc/self/task").map(allowed))).toEqual(new Set([own]));
    device.destroy();
  });

  it.each([
    [1, 7],
    [3, 8191],
    [129, 1000],
    [20011, 3],
    [1, 100_003],
  ])("do not change a bit of the other ops at [%i, %i]", async (rows, columns) => {
    const scenario = new Scenario(`ops at [${rows}, ${columns}]`);
    const x = scenario.f32("x", [rows, columns]);
    const f32 = (name: string) => scenario.f32(name, [rows, columns]);
    const scalar = (name: string) => scenario.f32(name, [1, 1]);
    const cursor = scenario.u32("step", [0]);
    const [activated, gradient, sum, norm, factor] = [
      f32("activated"),
      f32("gradient"),
      f32("sum"),
      scalar("norm"),
      scalar("factor"),
    ];
    scenario.builder
      .gather({ source: x, rows: scenario.u32("rows", Array(rows).fill(rows >> 1)), scale: 2, out: f32("gathered") })
      .activate({ activation: "gelu", input: x, out: activated })
      .activationGradient({ activation: "tanh", at: activated, gradient: x, out: gradient })
      .add({ a: gradient, b: x, factor: -0.5, out: sum })
      .norm({ input: sum, out: norm })
      .clipFactor({ norm, maximum: 1, out: factor })
      .loss({ loss: "bce", input: x, target: sum, scale: 0.1, total: scalar("bce"), gradient })
      .loss({ loss: "mse", input: x, target: sum, scale: 0.1, total: scalar("mse") })
      .sumRows({ input: gradient, accumulate: true, out: scenario.f32("sums", [1, columns]) })
      .scale({ input: sum, factor: 0.9, out: sum })
      .update({
        rule: { name: "adamw", beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 },
        parameters: x,
        gradients: gradient,
        state: [f32("first"), scenario.f32("second", [rows, columns], (random) => random.uniform())],
        scalars: scenario.f32Table("scalars", 2, 4, cursor, (random) => random.between(0.1, 0.2)),
        gradientScale: factor,
      })
      .copy({ input: x, out: f32("copied") })
      .fill({ value: 3, out: activated })
      .advance(cursor);
    scenario.runs = 3;
    await expectSameBits(scenario);
  });
});
