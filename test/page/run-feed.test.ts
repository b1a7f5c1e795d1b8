/** What the page of a run has, from its events. */
import { expect, it } from "vitest";
import type { ClusterStatus } from "../../src/distributed/status/status.js";
import { RunFeed } from "../../src/page/run-feed.js";
import type { RunEvent } from "../../src/training/event.js";

const start = (step: number, resumed = step > 0): RunEvent => ({
  ...{ event: "start", step, epoch: step / 10, time: 0, steps: 100, images: 1000, resumed },
  place: { kind: "workers", devices: ["CPU", "CPU"] },
});
const steps = (step: number, time: number): RunEvent => ({
  ...{ event: "steps", step, epoch: step / 10, time, loss: 1, learningRate: 1, imagesPerSecond: 10, bytes: 7 },
});

function feed() {
  const clock = { time: 0, now: () => clock.time, date: () => new Date(0) };
  return { clock, feed: new RunFeed({ name: "a", title: "A", lead: "784-8", isLive: true, canFail: false }, clock) };
}

it("the parts of a resumed run follow one another; what was done again is left out", () => {
  const { feed: run } = feed();
  run.resumes([start(0, false), steps(10, 4), steps(20, 8), { event: "stop", step: 20, epoch: 2, time: 9 }]);
  run.event(start(10));
  run.event(steps(15, 2));
  expect([...run.steps.rows(0, 9)]).toEqual([1, 4, 1, 10, 7, 10, 1.5, 6, 1, 10, 14, 15]);
  expect(run.log.map(({ event, at }) => [event, at])).toEqual([
    ["start", 0],
    ["start", 4],
  ]);
  expect(run.extent.isOver).toBe(false);
});

it("says where it runs, and when it is over", () => {
  const { feed: run } = feed();
  run.event(start(0));
  expect(run.run).toMatchObject({ lead: "784-8, on 2 workers, CPU each", kind: "workers", images: 1000 });
  run.event({ event: "end", step: 100, epoch: 10, time: 9 });
  expect(run.extent.isOver).toBe(true);
});

it("keeps the pace of each worker, once a second", () => {
  const { clock, feed: run } = feed();
  run.event(start(0));
  const status = (imagesPerSecond: number | undefined) =>
    ({ workers: [{ imagesPerSecond }, { imagesPerSecond: undefined }], processes: [] }) as unknown as ClusterStatus;
  for (const [at, pace] of [10, 20, 30, 40, 50].entries()) {
    run.event(steps(at, at));
    run.status(status(pace));
    clock.time += 400;
  }
  expect([...(run.workers?.rows(0, 9) ?? [])]).toEqual([0, 10, Number.NaN, 3, 40, Number.NaN]);
});
