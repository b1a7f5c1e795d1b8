/** The running sum equals the sum of all parts at once. */
import fc from "fast-check";
import { expect, it } from "vitest";
import type { Collective } from "../../src/collective/collective.js";
import { NativeCollective } from "../../src/collective/native-collective.js";
import { PortableCollective } from "../../src/collective/portable-collective.js";
import { RunningSum } from "../../src/pipeline/running-sum.js";

const LENGTH = 5;
const bits = (vector: Float32Array): number[] => [...new Uint32Array(vector.slice().buffer)];
const value = fc.oneof(
  fc.float(),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -0, 2 ** -149, Math.fround(3e38)),
);
const parts = fc.array(
  fc.array(value, { minLength: LENGTH, maxLength: LENGTH }).map((values) => Float32Array.from(values)),
  { minLength: 1, maxLength: 33 },
);

async function run(sum: RunningSum, vectors: readonly Float32Array[]): Promise<Float32Array> {
  for (const vector of vectors) {
    const part = sum.next();
    part.set(vector);
    await sum.add(part);
  }
  const out = new Float32Array(LENGTH);
  await sum.finish(out);
  return out;
}

it.each<[string, Collective]>([
  ["plain", new PortableCollective()],
  ["native", new NativeCollective()],
])("has the bits of the tree sum of all parts (%s)", async (_, collective) => {
  const sum = new RunningSum(collective, LENGTH);
  await fc.assert(
    fc.asyncProperty(parts, async (vectors) => {
      const expected = new Float32Array(LENGTH);
      await collective.sum(vectors, expected);
      expect(bits(await run(sum, vectors))).toEqual(bits(expected));
    }),
  );
});

it("holds as many vectors as the tree is high, and two more", async () => {
  const made = new Set<ArrayBufferLike>();
  const sum = new RunningSum(new PortableCollective(), LENGTH);
  for (let round = 0; round < 3; round++) {
    for (let part = 0; part < 64; part++) {
      const vector = sum.next();
      made.add(vector.buffer);
      await sum.add(vector);
    }
    await sum.finish(new Float32Array(LENGTH));
  }
  expect(made.size).toBeLessThanOrEqual(Math.log2(64) + 2);
});

it("forgets what was added before it was cleared", async () => {
  const sum = new RunningSum(new PortableCollective(), LENGTH);
  await sum.add(sum.next().fill(7));
  sum.clear();
  expect(await run(sum, [new Float32Array(LENGTH).fill(1)])).toEqual(new Float32Array(LENGTH).fill(1));
});
