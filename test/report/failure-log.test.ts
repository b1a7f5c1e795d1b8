/** The failures of a run are collected from its events, then drawn and listed. */
import { describe, expect, it } from "vitest";
import { drawTimeline } from "../../src/report/charts/timeline.js";
import { failureLog } from "../../src/report/failure-log.js";
import { drawFailureTable, failureSummary } from "../../src/report/failure-table.js";
import { failureLine } from "../../src/report/failure-words.js";
import type { RunEvent } from "../../src/training/event.js";
import { parse } from "./markup.js";

const at = (time: number) => ({ step: Math.round(10 * time), epoch: 1, time });
const fault = (id: number, time: number, fault: string, target: string): RunEvent => ({
  ...at(time),
  ...{ event: "fault", id, fault, target },
});
type Recovery = Extract<RunEvent, { event: "recovery" }>;
const recovery = (target: string, noticed: number, resumed: number, more: Partial<Recovery> = {}): RunEvent => ({
  ...at(resumed),
  ...{ event: "recovery", target, noticed, resumed, waitedFrom: noticed, waited: resumed - noticed },
  ...{ failure: "it was gone", faults: [], stepsLost: 0, away: false, ...more },
});
const rejoin = (time: number, target: string): RunEvent => ({ ...at(time), event: "rejoin", target });
const start: RunEvent = { ...at(0), event: "start", steps: 100, images: 600, resumed: false };
const end = (time: number): RunEvent => ({ ...at(time), event: "end" });

const seen = (events: readonly RunEvent[]) =>
  failureLog(events)?.failures.map(({ target, injected, recovery, back }) => [
    target,
    injected.map(({ fault }) => fault).join("+"),
    recovery?.noticed,
    back,
  ]);

describe("failureLog", () => {
  it("is undefined when nothing failed", () => {
    expect(failureLog([start, end(60)])).toBeUndefined();
    expect(failureLog([])).toBeUndefined();
  });

  it("joins a fault with the recovery from it, and with the return of the worker", () => {
    const more = { faults: [1], away: true, stepsLost: 1, waited: 0.5 };
    const events = [
      start,
      fault(1, 10, "kill worker-1", "worker-1"),
      recovery("worker-1", 10.25, 10.5, more),
      rejoin(12, "worker-1"),
      end(60),
    ];
    expect(failureLog(events)).toEqual({
      seconds: 60,
      pace: [],
      failures: [
        {
          ...{ id: 1, target: "worker-1", step: 100, injected: [{ fault: "kill worker-1", at: 10 }], back: 12 },
          recovery: {
            ...{ failure: "it was gone", noticed: 10.25, resumed: 10.5, waitedFrom: 10.25 },
            ...{ waited: 0.5, stepsLost: 1, away: true },
          },
        },
      ],
    });
  });

  it("goes by ids: the newest fault of a worker is not the cause, and the one before not harmless", () => {
    const events = [
      start,
      fault(1, 10, "hang worker-1 for 5s", "worker-1"),
      fault(2, 11, "spoil a gradient of worker-1", "worker-1"),
      recovery("worker-1", 11.5, 12, { faults: [1], away: true }),
      recovery("worker-1", 20, 20.1, { faults: [2], failure: "its gradient was not finite" }),
      recovery("worker-1", 30, 31),
    ];
    expect(seen(events)).toEqual([
      ["worker-1", "hang worker-1 for 5s", 11.5, undefined],
      ["worker-1", "spoil a gradient of worker-1", 20, undefined],
      ["worker-1", "", 30, undefined],
    ]);
  });

  it("has one failure of two faults that struck the same process", () => {
    const events = [
      start,
      fault(1, 1, "hang worker-1 for 5s", "worker-1"),
      fault(2, 2, "kill worker-1", "worker-1"),
      recovery("worker-1", 2.1, 2.2, { faults: [1, 2] }),
    ];
    expect(seen(events)).toEqual([["worker-1", "hang worker-1 for 5s+kill worker-1", 2.1, undefined]]);
  });

  it("keeps a fault that caused no failure", () => {
    expect(seen([start, fault(1, 20, "tear checkpoint", "disk"), recovery("worker-0", 21, 22)])).toEqual([
      ["disk", "tear checkpoint", undefined, undefined],
      ["worker-0", "", 21, undefined],
    ]);
  });

  it("takes the first return after the failure, even one before training went on", () => {
    const away = { away: true };
    const events = [
      start,
      rejoin(2, "worker-0"),
      recovery("worker-0", 1, 4, away),
      recovery("worker-0", 3, 4, away),
      rejoin(5, "worker-0"),
      recovery("worker-1", 6, 7, away),
    ];
    expect(seen(events)).toEqual([
      ["worker-0", "", 1, 2],
      ["worker-0", "", 3, 5],
      ["worker-1", "", 6, undefined],
    ]);
  });

  it("joins a failing disk with the warning that tells of it", () => {
    const message = "no checkpoint at step 30: no space is left";
    const warning: RunEvent = { ...at(3.5), event: "warning", message, fault: 1 };
    const log = failureLog([start, fault(1, 3, "fail disk", "disk"), warning]);
    expect(log?.failures).toMatchObject([
      { injected: [{ fault: "fail disk", at: 3 }], recovery: { failure: message, noticed: 3.5, waited: 0 } },
    ]);
  });

  it("sets the parts of a resumed run end to end, each with ids of its own", () => {
    const log = failureLog([
      start,
      fault(1, 3, "tear checkpoint", "disk"),
      recovery("worker-0", 4, 5, { away: true }),
      { ...at(30), event: "checkpoint", path: "a" },
      { ...at(0), event: "start", steps: 100, images: 600, resumed: true },
      fault(1, 2, "kill worker-1", "worker-1"),
      recovery("worker-1", 3, 4, { faults: [1], away: true }),
      rejoin(5, "worker-0"),
      rejoin(6, "worker-1"),
      end(10),
    ]);
    expect(log?.seconds).toBe(40);
    expect(log?.failures.map(({ back }) => back)).toEqual([undefined, undefined, 36]);
    expect(log?.failures[2]).toMatchObject({ injected: [{ at: 32 }], recovery: { noticed: 33, resumed: 34 } });
  });
});

describe("failureLine", () => {
  const lines = (...events: readonly RunEvent[]) => failureLog([start, ...events])?.failures.map(failureLine);

  it("says when it struck, how it showed, when it was noticed, how long training waited, and when the worker was back", () => {
    const away = { failure: "it gave no sign of life", faults: [1], away: true, waited: 1.5 };
    const hang = [fault(1, 12.3, "hang worker-2 for 3s", "worker-2"), recovery("worker-2", 13.6, 13.8, away)];
    const line =
      "12.3 s, step 123: hang worker-2 for 3s: worker-2 gave no sign of life; noticed after 1.3 s; training waited 1.5 s";
    expect(lines(...hang, rejoin(14.7, "worker-2"))).toEqual([`${line}; worker back after 2.4 s`]);
    expect(lines(...hang)).toEqual([`${line}; worker not back yet`]);
  });

  it("tells of a failure without a fault, and of a fault without a failure", () => {
    const gradient = { failure: "its gradient was damaged", waited: 0.02, stepsLost: 1 };
    expect(lines(recovery("worker-0", 62, 62.1, gradient), fault(1, 3700, "tear checkpoint", "disk"))).toEqual([
      "1:02.0, step 621: worker-0's gradient was damaged; training waited 0.02 s; 1 step done again",
      "1:01:40.0, step 37000: tear checkpoint: it had no effect",
    ]);
    expect(lines(fault(1, 12, "slow worker-1 by 3x for 10s", "worker-1"))).toEqual([
      "12.0 s, step 120: slow worker-1 by 3x for 10s",
    ]);
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
  const styles = (text: string, kind: string) =>
    [...text.matchAll(new RegExp(`<i class="${kind}" style="left:([\\d.]+)%;width:([\\d.]+)%"`, "g"))].map(
      ([, left, width]) => [Number(left), Number(width)],
    );

  it("has a lane for every node that failed, by rank and number, below that of training", () => {
    const names = ["worker-10", "disk", "worker-2", "coordinator", "worker-2", "device-2"];
    const { timeline } = drawn(names.map((name, i) => recovery(name, 10 * i, 10 * i + 1)));
    const labels = [...timeline.matchAll(/<span class="lane">([a-z]+(?:-\d+)?)</g)].map(([, name]) => name);
    expect(labels).toEqual(["training", "coordinator", "worker-2", "device-2", "worker-10", "disk", "seconds"]);
  });

  it("places in time when a fault struck, until when it was not noticed, how long training waited and the node was away", () => {
    const { timeline } = drawn([
      fault(1, 0, "kill worker-0", "worker-0"),
      recovery("worker-0", 25, 50, { faults: [1], away: true, waitedFrom: 10, waited: 40 }),
      rejoin(75, "worker-0"),
      recovery("worker-1", 100, 100, { waited: 0 }),
      end(100),
    ]);
    expect(styles(timeline, "unnoticed")).toEqual([[0, 25]]);
    expect(styles(timeline, "wait")).toEqual([[10, 40]]);
    expect(styles(timeline, "away")).toEqual([[25, 50]]);
    expect([...timeline.matchAll(/<b style="left:([\d.]+)%"/g)].map(([, left]) => left)).toEqual(["0", "100"]);
  });

  it("has another shape for each kind of fault, and a key of those that there are", () => {
    const kinds = ["kill worker-0", "hang worker-0 for 1s", "lose device-0", "flip a gradient bit", "fail disk"];
    const { timeline } = drawn([...kinds.map((kind, i) => fault(i, i, kind, "worker-0")), recovery("worker-1", 7, 8)]);
    const marks = [...timeline.matchAll(/<b style[^>]*>.*?<path d="([^"]*)"/g)].map(([, path]) => path);
    expect(new Set(marks).size).toBe(kinds.length + 1);
    const key = timeline.slice(timeline.indexOf('<ul class="key">')).replace(/<[^>]*>/g, " ");
    for (const name of ["killed", "made to hang", "device taken away", "failed by itself"]) expect(key).toContain(name);
    for (const name of ["cut off", "checkpoint torn"]) expect(key).not.toContain(name);
  });

  it("shows the part of a run in which something failed, and says which", () => {
    const { timeline } = drawn([recovery("worker-1", 100, 110), recovery("worker-1", 118, 120), end(1000)]);
    const part = "Shown: 1:38.4 to 2:01.6 of 16:40.0.";
    expect(timeline).toContain(`Timeline of 2 failures of worker-1. ${part}`);
    expect(timeline).toContain(`<li>${part}</li></ul>`);
    expect(styles(timeline, "wait").map(([left]) => left > 5 && left < 95)).toEqual([true, true]);
  });

  it("draws the pace of training above", () => {
    const steps = (time: number, imagesPerSecond: number): RunEvent => ({
      ...at(time),
      ...{ event: "steps", loss: 1, learningRate: 1, imagesPerSecond },
    });
    const { timeline } = drawn([steps(1, 1000), steps(2, 500), recovery("worker-1", 2, 3), steps(4, 2000), end(4)]);
    expect(timeline).toContain("up to 2,000");
    // From 1.5 s to 3.5 s there is a slow stretch, then a fast one, with no line below them.
    expect(timeline).toContain(
      '<path d="M0,52.5L0,76.25L250,76.25L250,5L1000,5L1000,100L250,100L250,100L0,100L0,100Z"/>',
    );
  });

  it.each([
    [20, "seconds"],
    [600, "minutes"],
    [20_000, "hours"],
  ])("counts %d seconds in %s", (seconds, unit) => {
    const { timeline } = drawn([recovery("disk", 1, 2), recovery("disk", seconds - 1, seconds), end(seconds)]);
    expect(timeline).toContain(`>${unit}</span>`);
  });

  it("draws a failure at the very start of a run that ended there", () => {
    expect(drawn([recovery("disk", 0, 0)]).timeline).not.toContain("NaN");
  });
});

describe("drawFailureTable", () => {
  it("says what failed, when, for how long, and what was lost", () => {
    const { table } = drawn([
      fault(1, 151.04, "kill worker-1", "worker-1"),
      recovery("worker-1", 151.25, 151.6, {
        ...{ faults: [1], failure: "its process was killed", waited: 0.6, stepsLost: 1, away: true },
      }),
      rejoin(153.5, "worker-1"),
      recovery("worker-2", 3751, 3752.5, { failure: "it gave no sign of life", waited: 2.5, stepsLost: 2, away: true }),
      fault(2, 4000, "tear checkpoint", "disk"),
      recovery("worker-3", 4001, 4002, { failure: "its gradient was damaged" }),
    ]);
    const rows = [...table.matchAll(/<tr>.*?<\/tr>/g)].map(([row]) =>
      row.replace(/<[^>]*>/g, "|").replace(/\|+/g, "|"),
    );
    expect(rows).toEqual([
      "|What failed|Struck|Noticed after|Training waited|Back after|Done again|",
      "|kill worker-1|its process was killed|2:31.0|step 1,510|0.21 s|0.60 s|2.5 s|1 step|",
      "|worker-2|it gave no sign of life|1:02:31.0|step 37,525|\u2013|2.5 s|not back|2 steps|",
      "|tear checkpoint|no effect|1:06:40.0|step 40,000|\u2013|\u2013|\u2013|nothing|",
      "|worker-3|its gradient was damaged|1:06:41.0|step 40,020|\u2013|1.0 s|\u2013|nothing|",
    ]);
  });

  it("stops after 200 rows, and says so", () => {
    const { table, elements } = drawn(Array.from({ length: 1234 }, (_, i) => recovery("worker-1", i, i + 0.5)));
    expect(elements.filter(({ name }) => name === "tr")).toHaveLength(201);
    expect(table).toContain("The first 200 of 1,234");
  });
});

describe("failureSummary", () => {
  it("counts, and tells how long training waited", () => {
    const { summary } = drawn([
      fault(1, 10, "kill worker-1", "worker-1"),
      recovery("worker-1", 10.2, 10.5, { faults: [1], waited: 0.5, stepsLost: 1 }),
      recovery("worker-2", 20, 22, { stepsLost: 1 }),
      recovery("worker-2", 30, 31),
    ]);
    expect(summary).toBe(
      "1 fault was injected. 3 failures were noticed, and training went on after each: it waited 1.0 s in the median and 2.0 s at most; the work of 2 steps was done again.",
    );
    expect(drawn([fault(1, 1, "tear checkpoint", "disk")]).summary).toBe(
      "1 fault was injected. No failure was noticed.",
    );
  });
});
