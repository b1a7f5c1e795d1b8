import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DEFAULT_SCHEDULE, rateFactor, SCHEDULES, schedules } from "../../src/optimizer/schedule.js";
import { defineSchedule } from "../../src/optimizer/schedule-definition.js";

const schedule = (overrides: Partial<typeof DEFAULT_SCHEDULE>) => ({ ...DEFAULT_SCHEDULE, ...overrides });

describe("learning-rate schedules", () => {
  it("constant stays at 1", () => {
    expect(rateFactor(DEFAULT_SCHEDULE, 0, 10)).toBe(1);
    expect(rateFactor(DEFAULT_SCHEDULE, 9, 10)).toBe(1);
  });

  it("step drops by its factor after each period of steps", () => {
    const s = schedule({ name: "step", every: 10, factor: 0.5 });
    expect([0, 9, 10, 19, 20].map((step) => rateFactor(s, step, 100))).toEqual([1, 1, 0.5, 0.5, 0.25]);
  });

  it("cosine is 1 at the start, half way down in the middle, the floor at the end", () => {
    const s = schedule({ name: "cosine", floor: 0.1 });
    expect(rateFactor(s, 0, 100)).toBe(1);
    expect(rateFactor(s, 50, 100)).toBeCloseTo(0.55, 12);
    expect(rateFactor(s, 100, 100)).toBeCloseTo(0.1, 12);
  });

  it("linear falls in a straight line", () => {
    const s = schedule({ name: "linear" });
    expect([0, 25, 100].map((step) => rateFactor(s, step, 100))).toEqual([1, 0.75, 0]);
  });

  it("warm-up rises evenly and reaches the schedule's start without passing it", () => {
    const s = schedule({ name: "cosine", warmup: 4 });
    expect([0, 1, 2, 3, 4].map((step) => rateFactor(s, step, 100))).toEqual([0.2, 0.4, 0.6, 0.8, 1]);
  });

  it("stays within [0, 1] and never rises after warm-up", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...SCHEDULES),
        fc.nat(50),
        fc.integer({ min: 1, max: 500 }),
        fc.nat(600),
        (name, warmup, total, step) => {
          const s = schedule({ name, warmup, every: 7 });
          const now = rateFactor(s, step, total);
          expect(now).toBeGreaterThanOrEqual(0);
          expect(now).toBeLessThanOrEqual(1);
          if (step >= warmup) expect(rateFactor(s, step + 1, total)).toBeLessThanOrEqual(now);
        },
      ),
    );
  });
});

it("a user's schedule is one more", () => {
  schedules.add(defineSchedule({ name: "test/root", factor: ({ since }) => 1 / Math.sqrt(1 + since) }));
  expect([0, 3, 8].map((step) => rateFactor(schedule({ name: "test/root" }), step, 100))).toEqual([1, 1 / 2, 1 / 3]);
  expect(() => rateFactor(schedule({ name: "test/rot" }), 0, 1)).toThrow('did you mean "test/root"?');
});
