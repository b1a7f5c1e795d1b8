/** A worker that takes much longer for a part than the others is told once. */
import { expect, it } from "vitest";
import { Stragglers } from "../../../src/distributed/status/stragglers.js";

const report = (...paces: number[]) =>
  paces.map((pace, worker) => ({ worker, state: "working", parts: 1, pace }) as const);

/** What four equal reports in a row tell, together. */
const news = (stragglers: Stragglers, ...paces: number[]) =>
  [1, 2, 3, 4].flatMap(() => stragglers.news(report(...paces)));

it("tells of a worker that becomes slow, once, and again after it was fast", () => {
  const stragglers = new Stragglers();
  expect(news(stragglers, 10, 12, 19)).toEqual([]);
  expect(news(stragglers, 10, 12, 30)).toEqual([{ worker: 2, pace: 30, others: 11 }]);
  expect(news(stragglers, 10, 12, 40)).toEqual([]);
  // Between the two limits a worker stays what it was.
  expect(news(stragglers, 10, 12, 17)).toEqual([]);
  expect(news(stragglers, 10, 12, 30)).toEqual([]);
  expect(news(stragglers, 10, 12, 12)).toEqual([]);
  expect(news(stragglers, 10, 12, 30)).toHaveLength(1);
});

it("tells nothing of one slow report, and of times so short that the machine makes them vary", () => {
  const stragglers = new Stragglers();
  for (let i = 0; i < 9; i++) {
    expect(stragglers.news(report(10, 12, 300))).toEqual([]);
    expect(stragglers.news(report(10, 12, 11))).toEqual([]);
  }
  expect(news(stragglers, 0.5, 9, 0.4)).toEqual([]);
});

it("knows nothing of workers without measurements, and of one alone", () => {
  const stragglers = new Stragglers();
  expect(news(stragglers, 10, 0, 0)).toEqual([]);
  expect(news(stragglers, 50)).toEqual([]);
  expect(stragglers.news([])).toEqual([]);
  expect(news(stragglers, 10, 0, 30)).toEqual([{ worker: 2, pace: 30, others: 10 }]);
});
