/** The training steps before each round, against a list of all of them. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { RoundStarts } from "../../../src/strategies/rounds/round-starts.js";

it("are the sums of the lengths, whatever the order of the questions", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 40 }),
      fc.array(fc.integer({ min: -1, max: 40 }), { minLength: 1 }),
      (lengths, rounds) => {
        const asked: number[] = [];
        const starts = new RoundStarts((round, step) => {
          asked.push(round);
          expect(step).toBe(lengths.slice(0, round).reduce((sum, length) => sum + length, 0));
          return lengths[round];
        });
        for (const round of rounds.filter((one) => one <= lengths.length)) {
          const before = lengths.slice(0, Math.max(0, round)).reduce((sum, length) => sum + length, 0);
          expect(starts.stepAt(round)).toBe(before);
        }
        expect(asked).toEqual(asked.map((_, i) => i));
      },
    ),
  );
});

it("take no memory for each step", () => {
  const rounds = 8e6;
  const before = process.memoryUsage().heapUsed;
  const starts = new RoundStarts((round) => (round < 1000 ? 1 : 4));
  expect(starts.stepAt(rounds)).toBe(1000 + 4 * (rounds - 1000));
  // A list has eight bytes for each round.
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(4 * rounds);
});
