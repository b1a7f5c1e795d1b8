/** The laws of one forward, one backward. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inFlight, type PassOf, schedule } from "../../src/pipeline/pass-schedule.js";

const shapes = fc.record({ stages: fc.integer({ min: 1, max: 6 }), microBatches: fc.integer({ min: 1, max: 20 }) });

const orders = (stages: number, microBatches: number): PassOf[][] =>
  Array.from({ length: stages }, (_, stage) => schedule(stages, stage, microBatches));

/** The time of the end, and the busy time of each stage, if every pass takes one unit of time after its input is there. */
function play(stages: number, microBatches: number): { readonly span: number; readonly busy: number[] } {
  const ends = new Map<string, number>();
  const key = (stage: number, { pass, microBatch }: PassOf): string => `${stage} ${pass} ${microBatch}`;
  const queues = orders(stages, microBatches);
  const free = queues.map(() => 0);
  let left = queues.reduce((sum, { length }) => sum + length, 0);
  while (left > 0) {
    const before = left;
    for (const [stage, queue] of queues.entries()) {
      const [next] = queue;
      if (!next) continue;
      const from = next.pass === "forward" ? stage - 1 : stage + 1;
      const ready = from < 0 || from >= stages ? 0 : ends.get(key(from, next));
      if (ready === undefined) continue;
      queue.shift();
      free[stage] = Math.max(free[stage], ready) + 1;
      ends.set(key(stage, next), free[stage]);
      left--;
    }
    if (left === before) throw new Error("the stages wait for one another");
  }
  return { span: Math.max(...free), busy: queues.map(() => 2 * microBatches) };
}

describe("one forward, one backward", () => {
  it("takes every micro-batch forward once and then back once, in order", () => {
    fc.assert(
      fc.property(shapes, ({ stages, microBatches }) => {
        for (const passes of orders(stages, microBatches)) {
          const all = Array.from({ length: microBatches }, (_, i) => i);
          const of = (wanted: PassOf["pass"]): number[] =>
            passes.filter(({ pass }) => pass === wanted).map(({ microBatch }) => microBatch);
          expect(of("forward")).toEqual(all);
          expect(of("backward")).toEqual(all);
          for (const microBatch of all) {
            const at = (wanted: PassOf["pass"]): number =>
              passes.findIndex((one) => one.pass === wanted && one.microBatch === microBatch);
            expect(at("forward")).toBeLessThan(at("backward"));
          }
        }
      }),
    );
  });

  it("holds at most as many micro-batches as there are stages from here on", () => {
    fc.assert(
      fc.property(shapes, ({ stages, microBatches }) => {
        for (const [stage, passes] of orders(stages, microBatches).entries()) {
          let held = 0;
          let most = 0;
          for (const { pass } of passes) {
            held += pass === "forward" ? 1 : -1;
            most = Math.max(most, held);
          }
          expect(most).toBe(Math.min(inFlight(stages, stage), microBatches));
          expect(inFlight(stages, stage)).toBe(stages - stage);
        }
      }),
    );
  });

  it("stands still for (p - 1) / (m + p - 1) of the time", () => {
    fc.assert(
      fc.property(shapes, ({ stages, microBatches }) => {
        const { span, busy } = play(stages, microBatches);
        expect(span).toBe(2 * (microBatches + stages - 1));
        for (const time of busy) {
          expect(1 - time / span).toBeCloseTo((stages - 1) / (microBatches + stages - 1), 12);
        }
      }),
    );
  });
});
