/** All implementations of the tree sum have the bits of its definition, for all kinds of numbers. */
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import type { Collective } from "../../src/collective/collective.js";
import { OrderedCollective } from "../../src/collective/cpu-stream-collective.js";
import { NativeCollective } from "../../src/collective/native-collective.js";
import { PortableCollective } from "../../src/collective/portable-collective.js";
import { cpuDeviceInfo, openCpuDevice } from "../../src/device/cpu/cpu-device.js";
import { INSTRUCTION_SETS } from "../../src/device/cpu/cpu-options.js";
import { Random } from "../../src/world/random.js";

const { features } = cpuDeviceInfo();
const DEVICES = [1, 2].map((threads) => openCpuDevice({ threads }));
afterAll(() => {
  for (const device of DEVICES) device.destroy();
});
const COLLECTIVES: { name: string; collective: Collective }[] = [
  { name: "plain", collective: new PortableCollective() },
  ...INSTRUCTION_SETS.filter((isa) => features.includes(isa)).map((isa) => ({
    name: `native, ${isa}`,
    collective: new NativeCollective({ instructionSet: isa }),
  })),
  { name: "native, one thread", collective: new NativeCollective({ threads: 1 }) },
  ...DEVICES.map((device) => ({
    name: `in the order of ${device.info.name}`,
    collective: new OrderedCollective(device.engine),
  })),
];

/** 5000 is more than a block of the native sum, and 140,003 more than two of its ranges. Neither is a multiple of 16. */
const LENGTHS = [0, 1, 3, 7, 8, 15, 17, 255, 257, 2047, 2048, 2049, 5000, 140_003];

/** Zeros, denormals, infinities, quiet and signalling NaN of both signs with payloads, and the largest numbers. */
const SPECIAL_BITS = [
  0, 0x80000000, 1, 0x80000001, 0x007fffff, 0x7f800000, 0xff800000, 0x7fc00000, 0xffc00123, 0x7f800001, 0xffbfffff,
  0x7f7fffff, 0xff7fffff,
];

/** Most numbers are ordinary, so that sums round. Some are special, and some have random bits. */
function randomVector(length: number, random: Random, special: number): Float32Array {
  const bits = new Uint32Array(length);
  const vector = new Float32Array(bits.buffer);
  for (let i = 0; i < length; i++) {
    const kind = random.uniform();
    if (kind < special) bits[i] = SPECIAL_BITS[random.below(SPECIAL_BITS.length)];
    else if (kind < 1.5 * special) bits[i] = random.below(2 ** 32);
    else vector[i] = random.between(-1, 1) * 2 ** random.below(20);
  }
  return vector;
}

const bitsOf = (vector: Float32Array): Uint32Array => new Uint32Array(vector.buffer, vector.byteOffset, vector.length);

/** The definition, one element at a time. */
function treeSum(values: number[]): number {
  if (values.length === 1) return values[0];
  const next: number[] = [];
  for (let i = 0; i + 1 < values.length; i += 2) next.push(Math.fround(values[i] + values[i + 1]));
  if (values.length % 2 === 1) next.push(values[values.length - 1]);
  return treeSum(next);
}

function expectedBits(parts: readonly Float32Array[]): Uint32Array {
  if (parts.length === 1) return bitsOf(parts[0]);
  const sum = new Float32Array(parts[0].length).map((_, i) => treeSum(parts.map((part) => part[i])));
  return bitsOf(sum).map((bits, i) => (Number.isNaN(sum[i]) ? 0x7fc00000 : bits));
}

function expectedInspection(vector: Float32Array) {
  const checksum = bitsOf(vector).reduce((sum, bits, i) => sum + BigInt(bits) * BigInt(2 * i + 1), 0n);
  return { checksum: BigInt.asUintN(64, checksum), finite: vector.every(Number.isFinite) };
}

/** Long vectors at an odd place in memory, and what their sum and inspection must be. */
const LONG = (() => {
  const length = LENGTHS.at(-1) as number;
  const random = new Random(1);
  const parts = Array.from({ length: 3 }, () => randomVector(length + 1, random, 0.01).subarray(1));
  return { length, parts, bits: expectedBits(parts), inspections: parts.map(expectedInspection) };
})();

describe.each(COLLECTIVES)("$name", ({ collective }) => {
  it("gives the bits of the definition, and tells what the parts were like", async () => {
    const cases = fc.record({
      parts: fc.integer({ min: 1, max: 9 }),
      length: fc.constantFrom(...LENGTHS.slice(0, -1)),
      special: fc.constantFrom(0, 0.01, 0.5),
      seed: fc.integer(),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ parts: count, length, special, seed }) => {
        const random = new Random(seed);
        const parts = Array.from({ length: count }, () => randomVector(length, random, special));
        const out = new Float32Array(length).fill(-1);
        const inspections = await collective.sum(parts, out);
        expect(bitsOf(out)).toEqual(expectedBits(parts));
        expect(inspections).toEqual(parts.map(expectedInspection));
        expect(await collective.inspect(parts[0])).toEqual(inspections[0]);
      }),
      { numRuns: 60 },
    );
  });

  it("gives them for vectors that several threads share, at any place in memory", async () => {
    const { length, parts, bits, inspections } = LONG;
    const out = new Float32Array(length + 3).subarray(3);
    expect(await collective.sum(parts, out)).toEqual(inspections);
    expect(Buffer.compare(Buffer.from(out.buffer, out.byteOffset, out.byteLength), Buffer.from(bits.buffer))).toBe(0);
  });

  it("goes far beyond nine parts", async () => {
    const random = new Random(2);
    const parts = Array.from({ length: 300 }, () => randomVector(5, random, 0));
    const out = new Float32Array(5);
    expect(await collective.sum(parts, out)).toHaveLength(300);
    expect(bitsOf(out)).toEqual(expectedBits(parts));
  });

  it("tells apart vectors that differ in one bit", async () => {
    const random = new Random(3);
    const vector = randomVector(3001, random, 0.01);
    const before = await collective.inspect(vector);
    for (let i = 0; i < 300; i++) {
      const [at, bit] = [random.below(vector.length), 1 << random.below(32)];
      bitsOf(vector)[at] ^= bit;
      expect((await collective.inspect(vector)).checksum).not.toBe(before.checksum);
      bitsOf(vector)[at] ^= bit;
    }
    expect(await collective.inspect(vector)).toEqual(before);
  });

  it("finds a number that is not finite, wherever it is", async () => {
    const vector = new Float32Array(5001).fill(3e38);
    expect((await collective.inspect(vector)).finite).toBe(true);
    for (const at of [0, 1, 255, 256, 2047, 2048, 4999, 5000]) {
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
        vector[at] = value;
        expect((await collective.inspect(vector)).finite).toBe(false);
        vector[at] = 0;
      }
    }
  });

  it("leaves a single part unchanged, even if it is the result", async () => {
    const vector = randomVector(3000, new Random(4), 0.2);
    const copy = bitsOf(vector).slice();
    expect(await collective.sum([vector], vector)).toEqual([expectedInspection(vector)]);
    expect(bitsOf(vector)).toEqual(copy);
  });

  it("refuses parts that cannot be summed", async () => {
    const [a, b] = [new Float32Array(4), new Float32Array(5)];
    await expect(collective.sum([], a)).rejects.toThrow("a tree sum has 1 to 65536 parts, got 0");
    await expect(collective.sum([a, b], new Float32Array(4))).rejects.toThrow(
      "part 1 of a tree sum has 5 elements, but the result has 4",
    );
    await expect(collective.sum([a, new Float32Array(4)], a)).rejects.toThrow(
      "part 0 of a tree sum shares memory with the result; give the result memory of its own",
    );
    await expect(collective.sum([b.subarray(0, 4)], b.subarray(1))).rejects.toThrow(/shares memory/);
  });
});

it("several sums at a time do not mix", async () => {
  const collective = new NativeCollective();
  const random = new Random(5);
  const sums = Array.from({ length: 20 }, (_, i) => {
    const parts = Array.from({ length: 1 + (i % 4) }, () => randomVector(20_000, random, 0));
    return { parts, out: new Float32Array(20_000) };
  });
  await Promise.all(sums.map(({ parts, out }) => collective.sum(parts, out)));
  for (const { parts, out } of sums) expect(bitsOf(out)).toEqual(expectedBits(parts));
});
