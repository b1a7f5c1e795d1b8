import fc from "fast-check";
import { expect, test } from "vitest";
import { Arena, type ArenaShape, ORIGIN, SETS, SUMS } from "../../src/distributed/arena.js";

const shapes = fc.record({
  workers: fc.integer({ min: 1, max: 8 }),
  parts: fc.integer({ min: 1, max: 9 }),
  vectors: fc.integer({ min: 1, max: 4 }),
  length: fc.integer({ min: 1, max: 70 }),
});

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** The slots of each owner. */
function owners(arena: Arena): number[][] {
  const { workers, parts } = arena.shape;
  const rounds = range(3 * SUMS);
  return [
    rounds.map((round) => arena.sum(round)),
    arena.snapshot(ORIGIN, 0),
    ...range(workers).map((worker) => [
      ...rounds.flatMap((round) => range(parts).map((part) => arena.part(worker, part, round))),
      ...range(SETS).flatMap((set) => arena.snapshot(worker, set)),
    ]),
  ].map((slots) => [...new Set(slots)]);
}

test("no two owners have a slot in common, no slot overlaps another, and all lie within the memory", () => {
  fc.assert(
    fc.property(shapes, (shape: ArenaShape) => {
      const memory = new ArrayBuffer(Arena.bytes(shape));
      const arena = new Arena(shape, memory);
      const slots = owners(arena).flat();
      expect(new Set(slots).size).toBe(slots.length);
      const views = slots.map((slot) => arena.slot(slot)).sort((a, b) => a.byteOffset - b.byteOffset);
      for (const [i, view] of views.entries()) {
        expect(view.length).toBe(shape.length);
        expect(view.byteOffset % 64).toBe(0);
        expect(view.byteOffset).toBeGreaterThanOrEqual(i === 0 ? 0 : views[i - 1].byteOffset + views[i - 1].byteLength);
      }
      // Nothing is wasted, either.
      expect(slots.length * Math.ceil(shape.length / 16) * 64).toBe(memory.byteLength);
    }),
  );
});

test("what one worker needs at a time does not overlap: parts of a round, sets, and sums of the last rounds", () => {
  fc.assert(
    fc.property(shapes, fc.nat(100), (shape, round) => {
      const arena = new Arena(shape, new ArrayBuffer(Arena.bytes(shape)));
      const parts = range(shape.parts).map((part) => arena.part(0, part, round));
      const sets = range(SETS).flatMap((set) => arena.snapshot(0, set));
      expect(new Set([...parts, ...sets]).size).toBe(parts.length + sets.length);
      const last = range(SUMS).map((back) => round + SUMS - back);
      expect(new Set(last.map((number) => arena.sum(number))).size).toBe(SUMS);
      if (shape.parts === 1) expect(new Set(last.map((number) => arena.part(0, 0, number))).size).toBe(SUMS);
    }),
  );
});

test("too little memory is refused", () => {
  const shape = { workers: 1, parts: 1, vectors: 3, length: 10 };
  expect(() => new Arena(shape, new ArrayBuffer(100))).toThrow(/arena: \d+ bytes are needed, the memory has 100/);
});
