/** A worker that takes much longer for a part than the others is told once. */
import { expect, it } from "vitest";
import { Stragglers } from "../../src/distributed/stragglers.js";

const report = (...paces: number[]) =>
  paces.map((pace, worker) => ({ worker, state: "working", parts: 1, pace }) as const);

it("tells of a worker that becomes slow, once, and again after it was fast", () => {
  const stragglers = new Stragglers();
  expect(stragglers.news(report(10, 12, 19))).toEqual([]);
  expect(stragglers.news(report(10, 12, 30))).toEqual([{ worker: 2, pace: 30, others: 11 }]);
  expect(stragglers.news(report(10, 12, 40))).toEqual([]);
  // Between the two limits a worker stays what it was.
  expect(stragglers.news(report(10, 12, 17))).toEqual([]);
  expect(stragglers.news(report(10, 12, 30))).toEqual([]);
  expect(stragglers.news(report(10, 12, 12))).toEqual([]);
  expect(stragglers.news(report(10, 12, 30))).toHaveLength(1);
});

it("knows nothing of workers without measurements, and of one alone", () => {
  const stragglers = new Stragglers();
  expect(stragglers.news(report(10, 0, 0))).toEqual([]);
  expect(stragglers.news(report(50))).toEqual([]);
  expect(stragglers.news([])).toEqual([]);
  expect(stragglers.news(report(10, 0, 30))).toEqual([{ worker: 2, pace: 30, others: 10 }]);
});
