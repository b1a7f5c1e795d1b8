/**
 * Products by units for pairs of bfloat16. Where the chip has such a unit, its results have the bits of its model. Products of
 * f32 that are split into bfloat16 are accurate over the range of exponents, and treat infinities and NaN as f32 does.
 */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cpuCore } from "../../../src/device/cpu/addon.js";
import { type CpuDevice, openCpuDevice } from "../../../src/device/cpu/cpu-device.js";
import type { Float } from "../../../src/program/buffer.js";
import { toFloats } from "../../../src/program/narrow-float.js";
import { ProgramBuilder } from "../../../src/program/program.js";
import { Random } from "../../../src/world/random.js";
import { unitsUnderTest } from "../../support/devices.js";

interface Shape {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

interface Operands {
  readonly a: Float32Array;
  readonly b: Float32Array;
}

/** op(A) op(B) in f32. */
async function product(device: CpuDevice, type: Float, shape: Shape, { a, b }: Operands): Promise<Float32Array> {
  const { m, n, k, transposeA = false, transposeB = false } = shape;
  const builder = new ProgramBuilder("product");
  const left = builder.buffer("a", type, transposeA ? [k, m] : [m, k]);
  const right = builder.buffer("b", type, transposeB ? [n, k] : [k, n]);
  builder.gemm({ a: left, b: right, transposeA, transposeB, out: builder.buffer("out", "f32", [m, n]) });
  const executable = await device.compile(builder.build());
  executable.buffer("a").write(toFloats(type, a));
  executable.buffer("b").write(toFloats(type, b));
  executable.run();
  const out = (await executable.buffer("out").read()) as Float32Array;
  executable.destroy();
  return out;
}

/** Values of any size from 2^-`spread` to 2^`spread`, zeros, and some too small to be normal. */
function anySize(random: Random, spread: number): number {
  if (random.uniform() < 0.1) return random.uniform() < 0.5 ? 0 : random.normal() * 2 ** -140;
  return random.normal() * 2 ** random.between(-spread, spread);
}

function operands({ m, n, k }: Shape, seed: number, draw: (random: Random) => number): Operands {
  const random = new Random(seed);
  const values = (length: number): Float32Array => Float32Array.from({ length }, () => draw(random));
  return { a: values(m * k), b: values(k * n) };
}

const bits = (values: Float32Array): Uint32Array => new Uint32Array(values.buffer, values.byteOffset, values.length);

/** Largest |c - r| / (|A| |B|), element by element, in float64. */
function errorOf({ m, n, k, transposeA, transposeB }: Shape, { a, b }: Operands, c: Float32Array): number {
  let worst = 0;
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let [sum, size] = [0, 0];
      for (let l = 0; l < k; l++) {
        const term = (transposeA ? a[l * m + i] : a[i * k + l]) * (transposeB ? b[j * k + l] : b[l * n + j]);
        sum += term;
        size += Math.abs(term);
      }
      const error = Math.abs(c[i * n + j] - sum);
      worst = Math.max(worst, Number.isNaN(error) ? Number.POSITIVE_INFINITY : error / Math.max(size, 2 ** -126));
    }
  }
  return worst;
}

const shape = fc.record({
  m: fc.integer({ min: 1, max: 70 }),
  n: fc.integer({ min: 1, max: 70 }),
  k: fc.integer({ min: 1, max: 90 }),
  transposeA: fc.boolean(),
  transposeB: fc.boolean(),
});

describe.for(unitsUnderTest())("the unit $unit with $isa", ({ isa, unit }) => {
  const ofArithmetic = (arithmetic: "bf16x3" | "bf16x2") => ({
    unit: openCpuDevice({ isa, unit, arithmetic }),
    model: openCpuDevice({ isa: "portable", unit, arithmetic, threads: 1 }),
    threads: openCpuDevice({ isa, unit, arithmetic, threads: 3 }),
  });
  let three: ReturnType<typeof ofArithmetic>;
  let two: ReturnType<typeof ofArithmetic>;
  beforeAll(() => {
    three = ofArithmetic("bf16x3");
    two = ofArithmetic("bf16x2");
  });
  afterAll(() => {
    for (const device of [...Object.values(three), ...Object.values(two)]) device.destroy();
  });

  it("has the bits of its model, for any number of threads", async () => {
    await fc.assert(
      fc.asyncProperty(shape, fc.nat(), fc.constantFrom(1, 20, 60), async (size, seed, spread) => {
        const values = operands(size, seed, (random) => anySize(random, spread));
        for (const [{ unit: device, model, threads }, type] of [
          [three, "bf16"],
          [three, "f32"],
          [two, "f32"],
        ] as const) {
          const found = bits(await product(device, type, size, values));
          expect(found).toEqual(bits(await product(model, type, size, values)));
          expect(found).toEqual(bits(await product(threads, type, size, values)));
        }
      }),
      { numRuns: 25, seed: 1 },
    );
  });

  it("has them where the inner dimension is cut, and over several blocks of rows and columns", async () => {
    for (const size of [
      { m: 40, n: 33, k: 2100 },
      { m: 300, n: 40, k: 1100, transposeA: true, transposeB: true },
    ]) {
      const values = operands(size, 1, (random) => random.normal());
      for (const type of ["bf16", "f32"] as const) {
        const found = bits(await product(three.unit, type, size, values));
        expect(found).toEqual(bits(await product(three.model, type, size, values)));
        expect(found).toEqual(bits(await product(three.threads, type, size, values)));
      }
    }
  });

  it("in three parts is as near as f32, relative to |A| |B|, over the range of exponents", async () => {
    await fc.assert(
      fc.asyncProperty(shape, fc.nat(), fc.constantFrom(0, 10, 30, 50), async (size, seed, spread) => {
        const values = operands(size, seed, (random) => random.normal() * 2 ** random.between(-spread, spread));
        expect(errorOf(size, values, await product(three.unit, "f32", size, values))).toBeLessThan(1e-6);
        expect(errorOf(size, values, await product(two.unit, "f32", size, values))).toBeLessThan(1e-4);
      }),
      { numRuns: 25, seed: 2 },
    );
  });

  it.each([
    [100, -100],
    [-100, 100],
    [60, 60],
    [-110, 60],
  ])("scales lines of about 2^%i by lines of about 2^%i", async (left, right) => {
    const size = { m: 40, n: 40, k: 64 };
    const plain = operands(size, 3, (random) => random.normal());
    const values = { a: plain.a.map((x) => x * 2 ** left), b: plain.b.map((x) => x * 2 ** right) };
    expect(errorOf(size, values, await product(three.unit, "f32", size, values))).toBeLessThan(1e-6);
  });

  it("gives infinite and NaN values where f32 does", async () => {
    const size = { m: 35, n: 37, k: 40 };
    const values = operands(size, 4, (random) => random.normal());
    values.a[3 * size.k + 5] = Number.POSITIVE_INFINITY;
    values.a[33 * size.k + 7] = Number.NaN;
    values.b[9 * size.n + 36] = Number.NEGATIVE_INFINITY;
    const wanted = openCpuDevice({ isa, unit: "none", arithmetic: "fma" });
    const [found, expected] = [
      await product(three.unit, "f32", size, values),
      await product(wanted, "f32", size, values),
    ];
    wanted.destroy();
    for (const [i, value] of expected.entries()) {
      if (Number.isFinite(value)) expect(found[i]).toBeCloseTo(value, 4);
      else expect(found[i]).toBe(value);
    }
  });
});

describe("the arithmetic of a CPU device", () => {
  it("is named, and part of what it is known by", () => {
    for (const { isa, unit } of unitsUnderTest()) {
      const device = openCpuDevice({ isa, unit, arithmetic: "bf16x3", threads: 1 });
      expect(device.info.arithmetic).toEqual({ f32: "bf16x3", bf16: unit });
      expect(device.info.name).toContain(`(${isa}, ${unit}, bf16x3, 1 thread)`);
      expect(device.info.id).toMatch(new RegExp(`:${isa}:${unit}:bf16x3$`));
      device.destroy();
    }
  });

  it("is fused multiply-adds where there is no unit, or none that is faster", () => {
    const plain = openCpuDevice({ unit: "none" });
    expect(plain.info.arithmetic).toEqual({ f32: "fma", bf16: "fma" });
    plain.destroy();
    const portable = openCpuDevice({ isa: "portable" });
    expect(portable.info.arithmetic).toEqual({ f32: "fma", bf16: "fma" });
    portable.destroy();
  });

  it("is refused by its near word, or with what it needs", () => {
    expect(() => openCpuDevice({ arithmetic: "bf16x4" as "fma" })).toThrow(/unknown arithmetic "bf16x4".*bf16x/);
    expect(() => openCpuDevice({ unit: "none", arithmetic: "bf16x3" })).toThrow(/bf16x3 needs a unit.*use fma/);
    expect(() => openCpuDevice({ isa: "portable", unit: "amz" })).toThrow(/unknown unit "amz".*amx/);
  });

  it("uses a unit of the chip by default where it is faster", () => {
    const [isa] = cpuCore().instructionSets();
    const fast = cpuCore()
      .pairUnits(isa)
      .find((unit) => unit.fast);
    const device = openCpuDevice();
    expect(device.info.arithmetic).toEqual(fast ? { f32: "fma/bf16x3", bf16: fast.name } : { f32: "fma", bf16: "fma" });
    device.destroy();
  });
});
