import { expect, it } from "vitest";
import { Departures } from "../../../src/cluster/journal/departures.js";

function departures() {
  const dismissed: number[] = [];
  const fleet = { size: () => 2, dismiss: (worker: number) => dismissed.push(worker) };
  const nodes = { left: () => undefined };
  return { dismissed, departures: new Departures({ fleet, stepTimeout: 1000 }, nodes) };
}

it("a worker that left and joined again has its whole time when it is asked to leave again", () => {
  const { dismissed, departures: workers } = departures();
  const first = workers.begin(1, undefined);
  expect(workers.begin(1, undefined)).toBe(first);
  workers.end(1);
  const second = workers.begin(1, undefined);
  // The time of the first request is over.
  workers.end(1, first);
  expect([dismissed, workers.staying]).toEqual([[1], 1]);
  workers.end(1, second);
  workers.end(1, second);
  expect([dismissed, workers.staying]).toEqual([[1, 1], 2]);
});
