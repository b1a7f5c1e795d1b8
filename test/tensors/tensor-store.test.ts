import fc from "fast-check";
import { expect, test } from "vitest";
import { ORIGIN, SETS, SUMS, TensorStore, type TensorStoreShape } from "../../src/tensors/tensor-store.js";
import { PAGE } from "../../src/transport/process/memory-page.js";

const shapes = fc.record({
  workers: fc.integer({ min: 1, max: 8 }),
  parts: fc.integer({ min: 1, max: 9 }),
  vectors: fc.integer({ min: 1, max: 4 }),
  length: fc.integer({ min: 1, max: 70 }),
});

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** The slots of each owner. */
function owners(tensors: TensorStore): number[][] {
  const { workers, parts } = tensors.shape;
  const rounds = range(3 * SUMS);
  return [
    rounds.map((round) => tensors.sum(round)),
    tensors.snapshot(ORIGIN, 0),
    ...range(workers).map((worker) => [
      ...rounds.flatMap((round) => range(parts).map((part) => tensors.part(worker, part, round))),
      ...rounds.map((round) => tensors.alternate(worker, 0, round)),
      tensors.ownSum(worker),
      ...range(SETS).flatMap((set) => tensors.snapshot(worker, set)),
    ]),
  ].map((slots) => [...new Set(slots)]);
}

test("no two owners have a slot in common, no slot overlaps another, and all lie within the memory", () => {
  fc.assert(
    fc.property(shapes, (shape: TensorStoreShape) => {
      const mapped: { offset: number; bytes: number }[] = [];
      const tensors = new TensorStore(shape, (offset, bytes) => {
        mapped.push({ offset, bytes });
        return new ArrayBuffer(bytes);
      });
      const slots = owners(tensors).flat();
      expect(new Set(slots).size).toBe(slots.length);
      for (const slot of slots) {
        expect(tensors.slot(slot)).toHaveLength(shape.length);
        expect(tensors.slot(slot)).toBe(tensors.slot(slot));
      }
      expect(mapped).toHaveLength(slots.length);
      const sorted = mapped.sort((a, b) => a.offset - b.offset);
      for (const [i, { offset }] of sorted.entries()) {
        expect(offset % PAGE).toBe(0);
        expect(offset).toBeGreaterThanOrEqual(i === 0 ? 0 : sorted[i - 1].offset + sorted[i - 1].bytes);
      }
      // Only the ends of pages are unused, and no vector reaches past the end of the memory.
      expect(slots.length * Math.ceil((4 * shape.length) / PAGE) * PAGE).toBe(TensorStore.bytes(shape));
      expect((sorted.at(-1)?.offset ?? 0) + 4 * shape.length).toBeLessThanOrEqual(TensorStore.bytes(shape));
    }),
  );
});

test("what one worker needs at a time does not overlap: parts of a round, sets, and sums of the last rounds", () => {
  fc.assert(
    fc.property(shapes, fc.nat(100), (shape, round) => {
      const tensors = new TensorStore(shape, (_, bytes) => new ArrayBuffer(bytes));
      const parts = range(shape.parts).map((part) => tensors.part(0, part, round));
      const sets = range(SETS).flatMap((set) => tensors.snapshot(0, set));
      expect(new Set([...parts, ...sets]).size).toBe(parts.length + sets.length);
      const last = range(SUMS).map((back) => round + SUMS - back);
      expect(new Set(last.map((number) => tensors.sum(number))).size).toBe(SUMS);
      const alternate = [0, 1].map((later) => tensors.alternate(0, 0, round + later));
      expect(new Set([tensors.ownSum(0), ...alternate]).size).toBe(shape.parts === 1 ? 2 : 3);
      if (shape.parts === 1) expect(new Set(last.map((number) => tensors.part(0, 0, number))).size).toBe(SUMS);
    }),
  );
});
