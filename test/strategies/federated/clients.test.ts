/** How training rows are shared out among clients. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { clientWork } from "../../../src/strategies/federated/client-steps.js";
import { clientRows, type Skew } from "../../../src/strategies/federated/clients.js";

const skews: fc.Arbitrary<Skew> = fc.oneof(
  fc.constant({ kind: "even" as const }),
  fc.record({ kind: fc.constant("labels" as const), each: fc.integer({ min: 1, max: 3 }) }),
  fc.record({
    kind: fc.constant("dirichlet" as const),
    concentration: fc.double({ min: 0.01, max: 100, noNaN: true }),
  }),
  fc.record({ kind: fc.constant("power" as const), exponent: fc.double({ min: 0, max: 5, noNaN: true }) }),
);

/** Classes of different sizes. */
const labelsOf = (images: number): Uint8Array => Uint8Array.from({ length: images }, (_, i) => Math.sqrt(i) % 5);

it("each row has one owner, and each client a row, for every kind and seed", () => {
  fc.assert(
    fc.property(
      skews,
      fc.nat(),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 36, max: 150 }),
      (skew, seed, parts, images) => {
        const facts = { parts, images, seed, labels: labelsOf(images) };
        const clients = clientRows(facts, skew);
        expect(clients.map(({ length }) => length).every((length) => length > 0)).toBe(true);
        expect(clients.flatMap((rows) => [...rows]).sort((a, b) => a - b)).toEqual(
          Array.from({ length: images }, (_, i) => i),
        );
        expect(clientRows(facts, skew)).toEqual(clients);
      },
    ),
  );
});

const facts = { parts: 10, images: 1000, seed: 3, labels: Uint8Array.from({ length: 1000 }, (_, i) => i % 10) };
const labelsIn = (rows: Uint32Array): Set<number> => new Set([...rows].map((row) => facts.labels[row]));
const sizesOf = (skew: Skew): number[] => clientRows(facts, skew).map(({ length }) => length);

it("even: clients of one size, with all labels, another partition for another seed", () => {
  const clients = clientRows(facts, { kind: "even" });
  expect(sizesOf({ kind: "even" })).toEqual(Array(10).fill(100));
  for (const rows of clients) expect(labelsIn(rows).size).toBe(10);
  expect(clientRows({ ...facts, seed: 4 }, { kind: "even" })).not.toEqual(clients);
});

it("labels: as many labels a client as asked for, at most", () => {
  for (const each of [1, 2, 3]) {
    for (const rows of clientRows(facts, { kind: "labels", each }))
      expect(labelsIn(rows).size).toBeLessThanOrEqual(each);
  }
});

it("dirichlet: the smaller the concentration, the fewer labels have most of a client's rows", () => {
  const most = (concentration: number): number => {
    const shares = clientRows(facts, { kind: "dirichlet", concentration }).map((rows) => {
      const counts = [...labelsIn(rows)].map((label) => [...rows].filter((row) => facts.labels[row] === label).length);
      return Math.max(...counts) / rows.length;
    });
    return shares.reduce((sum, share) => sum + share) / shares.length;
  };
  const [low, middle, high] = [0.05, 0.5, 1000].map(most);
  expect(low).toBeGreaterThan(0.5);
  expect(middle).toBeLessThan(low);
  // Nearly even: a tenth of each label.
  expect(high).toBeLessThan(0.15);
});

it("power: sizes that fall as the ranks to the power", () => {
  const sorted = sizesOf({ kind: "power", exponent: 1 }).sort((a, b) => b - a);
  const harmonic = Array.from({ length: 10 }, (_, i) => 1 / (i + 1)).reduce((a, b) => a + b);
  for (const [i, size] of sorted.entries()) expect(Math.abs(size - 1000 / harmonic / (i + 1))).toBeLessThanOrEqual(1);
});

it("a client reads each of its rows once in an epoch, and all steps have one size", () => {
  const rows = Uint32Array.from({ length: 12 }, (_, i) => 5 * i);
  const work = clientWork(rows, 0, 2, 4, 1);
  expect([work.steps, work.batch, work.examples]).toEqual([6, 4, 12]);
  const read = work.rows(3);
  expect([...read.subarray(0, 12)].sort((a, b) => a - b)).toEqual([...rows]);
  expect([...read.subarray(12)].sort((a, b) => a - b)).toEqual([...rows]);
  expect(work.rows(4)).not.toEqual(read);
  const odd = clientWork(rows, 0, 1, 5, 1);
  expect([odd.steps, odd.rows(0).length, new Set(odd.rows(0)).size]).toEqual([3, 15, 12]);
  expect(clientWork(rows, 0, 1, 50, 1)).toMatchObject({ steps: 1, batch: 12 });
});
