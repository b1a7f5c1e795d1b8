/** Failures are brought together from the events of a run, then drawn and listed. */
import { describe, expect, it } from "vitest";
import { failureLog } from "../../src/report/failure-log.js";
import { drawFailureTable, failureSummary } from "../../src/report/failure-table.js";
import { drawTimeline } from "../../src/report/timeline.js";
import type { RunEvent } from "../../src/training/event.js";
import { parse } from "./markup.js";

const at = (time: number) => ({ step: 10, epoch: 1, time });
const fault = (time: number, fault: string, target: string): RunEvent => ({
  ...at(time),
  event: "fault",
  fault,
  target,
});
const recovery = (
  target: string,
  noticed: number,
  resumed: number,
  failure = "it was gone",
  stepsLost = 1,
): RunEvent => ({
  ...at(resumed),
  event: "recovery",
  target,
  failure,
  noticed,
  resumed,
  stepsLost,
});
const start: RunEvent = { ...at(0), event: "start", steps: 100, images: 600, resumed: false };
const end = (time: number): RunEvent => ({ ...at(time), event: "end" });

describe("failureLog", () => {
  it("is undefined when nothing failed", () => {
    expect(failureLog([start, end(60)])).toBeUndefined();
    expect(failureLog([])).toBeUndefined();
  });

  it("joins a fault with the recovery from it", () => {
    const events = [start, fault(10, "kill worker-1", "worker-1"), recovery("worker-1", 10.2, 10.5), end(60)];
    expect(failureLog(events)).toEqual({
      seconds: 60,
      failures: [
        {
          target: "worker-1",
          injected: { fault: "kill worker-1", at: 10 },
          recovery: { failure: "it was gone", noticed: 10.2, resumed: 10.5, stepsLost: 1 },
        },
      ],
    });
  });

  it("keeps apart what does not belong together", () => {
    const log = failureLog([
      start,
      fault(10, "hang worker-1 for 100ms", "worker-1"),
      recovery("worker-2", 11, 12),
      fault(20, "kill worker-1", "worker-1"),
      recovery("worker-1", 20.1, 20.2),
      recovery("worker-1", 30, 31),
      recovery("coordinator", 5, 6),
    ]);
    expect(log?.failures.map(({ target, injected, recovery }) => [target, injected?.at, recovery?.noticed])).toEqual([
      ["coordinator", undefined, 5],
      ["worker-1", 10, undefined],
      ["worker-2", undefined, 11],
      ["worker-1", 20, 20.1],
      ["worker-1", undefined, 30],
    ]);
  });

  it("does not take what came after a failure for its cause", () => {
    const log = failureLog([start, fault(10, "kill worker-1", "worker-1"), recovery("worker-1", 9, 11)]);
    expect(log?.failures).toHaveLength(2);
  });

  it("finds the worker of a lost device, and that of a gradient that was damaged", () => {
    const log = failureLog([
      start,
      fault(1, "lose device-3", "device-3"),
      recovery("worker-3", 1.1, 1.2, "its device was lost"),
      fault(2, "flip a gradient bit", "gradient"),
      recovery("worker-0", 2.1, 2.2, "its process was killed"),
      recovery("worker-2", 2.3, 2.4, "its gradient was damaged"),
    ]);
    expect(log?.failures.map(({ target, injected }) => [target, injected?.fault])).toEqual([
      ["worker-3", "lose device-3"],
      ["worker-2", "flip a gradient bit"],
      ["worker-0", undefined],
    ]);
  });

  it("sets the parts of a resumed run end to end", () => {
    const log = failureLog([
      start,
      recovery("worker-0", 4, 5),
      { ...at(30), event: "checkpoint", path: "a" },
      { ...at(0), event: "start", steps: 100, images: 600, resumed: true },
      fault(2, "kill worker-1", "worker-1"),
      recovery("worker-1", 3, 4),
      end(10),
    ]);
    expect(log?.seconds).toBe(40);
    expect(log?.failures[1]).toMatchObject({ injected: { at: 32 }, recovery: { noticed: 33, resumed: 34 } });
  });
});

const drawn = (events: readonly RunEvent[]) => {
  const log = failureLog([start, ...events]);
  if (!log) throw new Error("nothing failed");
  const timeline = drawTimeline(log).text;
  const table = drawFailureTable(log).text;
  const elements = parse(`<!doctype html>${timeline}${table}`);
  return { log, timeline, table, elements, summary: failureSummary(log) };
};

describe("drawTimeline", () => {
  const x = (value: string | undefined) => Number(value);

  it("has a lane for everyone that failed, by rank and number", () => {
    const names = ["worker-10", "disk", "worker-2", "coordinator", "worker-2", "device-2"];
    const { timeline } = drawn(names.map((name, i) => recovery(name, 10 * i, 10 * i + 1)));
    const labels = [...timeline.matchAll(/<text[^>]*>([a-z]+(?:-\d+)?)<\/text><line class="lane"/g)].map(
      ([, name]) => name,
    );
    expect(labels).toEqual(["coordinator", "worker-2", "device-2", "worker-10", "disk"]);
  });

  it("places marks and bars in time, all within the picture", () => {
    const { elements } = drawn([
      fault(0, "kill worker-0", "worker-0"),
      recovery("worker-0", 25, 50),
      recovery("worker-1", 100, 100),
      end(100),
    ]);
    const base = elements.find(({ attributes }) => attributes.class === "base")?.attributes;
    const [left, width] = [x(base?.x1), x(base?.x2) - x(base?.x1)];
    const [long, short] = elements.filter(({ name }) => name === "rect").map(({ attributes }) => attributes);
    expect((x(long.x) - left) / width).toBeCloseTo(0.25, 2);
    expect(x(long.width) / width).toBeCloseTo(0.25, 2);
    expect(x(short.x)).toBeCloseTo(left + width, 0);
    expect(x(short.width)).toBe(3);
    expect(x(short.x) + x(short.width)).toBeLessThanOrEqual(960);
    const marks = elements.filter(({ attributes }) => attributes.class === "fault");
    expect(marks.map(({ attributes }) => /^M([\d.]+) /.exec(attributes.d)?.[1])).toEqual([String(left)]);
    const wait = elements.find(({ attributes }) => attributes.class === "wait")?.attributes;
    expect([wait?.x1, wait?.x2]).toEqual([String(left), long.x]);
  });

  it.each([
    [20, "seconds"],
    [600, "minutes"],
    [20_000, "hours"],
  ])("counts %d seconds in %s", (seconds, unit) => {
    expect(drawn([recovery("disk", 1, 2), end(seconds)]).timeline).toContain(`>${unit}</text>`);
  });

  it("draws a failure at the very start of a run that ended there", () => {
    expect(drawn([recovery("disk", 0, 0)]).timeline).not.toContain("NaN");
  });
});

describe("drawFailureTable", () => {
  it("says what failed, when, for how long, and what was lost", () => {
    const { table } = drawn([
      fault(151.04, "kill worker-1", "worker-1"),
      recovery("worker-1", 151.25, 151.6, "its process was killed"),
      recovery("worker-2", 3751, 3752.5, "no sign of life for 1.0 s", 2),
      fault(4000, "tear checkpoint", "disk"),
      recovery("worker-3", 4001, 4002, "its gradient was damaged", 0),
    ]);
    const rows = [...table.matchAll(/<tr>.*?<\/tr>/g)].map(([row]) =>
      row.replace(/<[^>]*>/g, "|").replace(/\|+/g, "|"),
    );
    expect(rows).toEqual([
      "|What failed|Struck|Noticed|Went on|Took|Lost|",
      "|kill worker-1|its process was killed|2:31.04|2:31.25|2:31.60|0.56 s|1 step|",
      "|worker-2|no sign of life for 1.0 s|\u2013|1:02:31.00|1:02:32.50|1.50 s|2 steps|",
      "|tear checkpoint|no failure was noticed|1:06:40.00|\u2013|\u2013|\u2013|nothing|",
      "|worker-3|its gradient was damaged|\u2013|1:06:41.00|1:06:42.00|1.00 s|nothing|",
    ]);
  });

  it("stops after 200 rows, and says so", () => {
    const { table, elements } = drawn(Array.from({ length: 1234 }, (_, i) => recovery("worker-1", i, i + 0.5)));
    expect(elements.filter(({ name }) => name === "tr")).toHaveLength(201);
    expect(table).toContain("The first 200 of 1,234");
  });
});

describe("failureSummary", () => {
  it("counts, and tells how long it took", () => {
    const { summary } = drawn([
      fault(10, "kill worker-1", "worker-1"),
      recovery("worker-1", 10.2, 10.5),
      recovery("worker-2", 20, 22),
      recovery("worker-2", 30, 31, "its gradient was damaged", 0),
    ]);
    expect(summary).toBe(
      "1 fault was injected. 3 failures were noticed, and training went on after each, half of them within 1.00 s and all within 2.00 s; the work of 2 steps was done again.",
    );
    expect(drawn([fault(1, "tear checkpoint", "disk")]).summary).toBe("1 fault was injected. No failure was noticed.");
  });
});
