/** Which candidates a search has, on how many images, and which go on. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { drawCandidates } from "../../src/search/candidates.js";
import { promoted, ranked } from "../../src/search/ranking.js";
import type { SearchRecord } from "../../src/search/record.js";
import { rungsOf } from "../../src/search/rungs.js";

describe("candidates", () => {
  it("are all combinations of lists, if these are few enough", () => {
    const all = drawCandidates({ batch: [1, 2], lr: [0.1, 0.2, 0.3] }, 6, 0);
    expect(all).toEqual([1, 2].flatMap((batch) => [0.1, 0.2, 0.3].map((lr) => ({ batch, lr }))));
    expect(drawCandidates({ batch: [1, 2], lr: [0.1, 0.2, 0.3] }, 5, 0).length).toBeLessThanOrEqual(5);
  });

  it("have one value in each stretch of a range, are the same for a seed, and are whole where they must be", () => {
    const seed = fc.integer({ min: 0, max: 2 ** 31 });
    fc.assert(
      fc.property(seed, fc.integer({ min: 2, max: 40 }), (seed, count) => {
        const space = { lr: { from: 0.001, to: 1 }, momentum: { from: 0, to: 0.9 }, batch: { from: 16, to: 512 } };
        const candidates = drawCandidates(space, count, seed);
        expect(candidates).toEqual(drawCandidates(space, count, seed));
        expect(candidates.length).toBe(count);
        const stretches = candidates.map(({ lr = 0 }) =>
          Math.floor((count * Math.log(lr / 0.001)) / Math.log(1000) + 0.01),
        );
        expect(new Set(stretches).size).toBeGreaterThanOrEqual(count - 2);
        for (const { momentum = -1, batch } of candidates) {
          expect(momentum >= 0 && momentum <= 0.9).toBe(true);
          expect(Number.isInteger(batch)).toBe(true);
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe("rungs", () => {
  it("cost about the same each, and end with all images", () => {
    expect(rungsOf(27, 54000, 3, 100)).toEqual([
      ...[
        { candidates: 27, images: 2000 },
        { candidates: 9, images: 6000 },
      ],
      ...[
        { candidates: 3, images: 18000 },
        { candidates: 1, images: 54000 },
      ],
    ]);
    expect(rungsOf(27, 500, 3, 100)).toEqual([
      { candidates: 27, images: 167 },
      { candidates: 9, images: 500 },
    ]);
    expect(rungsOf(2, 50, 3, 100)).toEqual([{ candidates: 2, images: 50 }]);
  });

  it("take the best of the rung before, without those that failed", () => {
    const record: SearchRecord = {
      ...{ dataset: "", request: { options: {}, vary: {}, eta: 2, withheld: 0.1, epochs: 1, data: "" } },
      candidates: [{}, {}, {}, {}],
      rungs: [
        { candidates: 4, images: 1 },
        { candidates: 2, images: 2 },
      ],
      trials: [
        { rung: 0, candidate: 0, sse: 2, seconds: 0 },
        { rung: 0, candidate: 1, seconds: 0, failure: "x" },
        { rung: 0, candidate: 2, sse: 1, seconds: 0 },
        { rung: 0, candidate: 3, sse: 1, seconds: 0 },
      ],
    };
    expect(ranked(record, 0).map(({ candidate }) => candidate)).toEqual([2, 3, 0, 1]);
    expect(promoted(record, 0)).toEqual([0, 1, 2, 3]);
    expect(promoted(record, 1)).toEqual([2, 3]);
    const failed = { ...record, trials: record.trials.slice(0, 2) };
    expect(promoted(failed, 1)).toEqual([0]);
  });
});
