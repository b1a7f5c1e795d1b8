import { describe, expect, it } from "vitest";
import { checkPlaces } from "../../src/distributed/check-places.js";
import { checkElastic, runWorkers } from "../../src/distributed/elastic.js";
import { Shortage } from "../../src/distributed/status/shortage.js";
import { parseFaults } from "../../src/faults/parse-faults.js";
import type { WorkerPlace } from "../../src/placement/placement.js";
import { filled } from "../../src/training/config/config.js";

const place: WorkerPlace = { label: "device-0", open: { device: "cpu" }, describe: "CPU" };

describe("a run whose number of workers changes", () => {
  it("needs a least number of workers for those that join or leave", () => {
    const faults = parseFaults("join a worker at step 2; leave worker-1 at 3s", { workers: 2 });
    expect(() => checkElastic(undefined, { faults })).toThrow(/"join" is for a run whose number of workers may change/);
    expect(() => checkElastic(undefined, { chaos: { mtbf: 1, hang: 1, kinds: ["leave"] } })).toThrow(/"leave" is for/);
    const onWorkers = (): void => undefined;
    expect(() => checkElastic(undefined, { onWorkers })).toThrow(
      /"onWorkers" is for a run whose number of workers may/,
    );
    expect(() => checkElastic(1, { faults, onWorkers })).not.toThrow();
  });

  it.each([0, 3, 1.5, Number.NaN])("has a least number from 1 to that of its places, not %s", (least) => {
    const config = filled({ parts: 4 });
    expect(() => checkPlaces(config, { places: [place, place], least })).toThrow(
      /must be a whole number from 1 to 2, got/,
    );
  });

  it("has no parameter servers", () => {
    const config = filled({ parts: 4 });
    expect(() => checkPlaces(config, { places: [place, place], least: 1, isServed: true })).toThrow(
      /workers 1\.\.2: with parameter servers the number of workers is fixed/,
    );
  });
});

describe("its workers, from outside", () => {
  const joined: number[] = [];
  const workers = runWorkers({ join: (count) => [1, 2].slice(0, count), leave: (worker) => worker === 1 }, (worker) =>
    joined.push(worker),
  );

  it("join by number and leave by name", () => {
    expect(workers.join(5)).toEqual(["worker-1", "worker-2"]);
    expect(joined).toEqual([1, 2]);
    expect([workers.leave("worker-1"), workers.leave("worker-7")]).toEqual([true, false]);
  });

  it("are refused where there can be none", () => {
    for (const count of [0, -1, 1.5, Number.NaN]) expect(() => workers.join(count)).toThrow(/whole number .* from 1/);
    expect(() => workers.leave("coordinator")).toThrow(/"coordinator" is no worker/);
  });
});

describe("a run that waits for workers", () => {
  it("says so after a while, once, and that it goes on", () => {
    const shortage = new Shortage();
    const news = [0, 1000, 2500, 3000].map((now) => shortage.news(1, now));
    expect(news).toEqual([undefined, undefined, expect.stringMatching(/^the run waits for 1 more worker/), undefined]);
    expect(shortage.news(0, 4000)).toBe("there are enough workers again, after 4.0 s");
    expect([shortage.news(0, 5000), shortage.news(2, 6000), shortage.news(0, 6100)]).toEqual(Array(3).fill(undefined));
  });
});
