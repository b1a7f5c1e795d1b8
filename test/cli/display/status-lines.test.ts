/** The status of many workers fits any terminal, with the most important workers first. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type RunStatus, statusLines } from "../../../src/cli/display/status-lines.js";
import { WORKER_STATES, type WorkerStatus } from "../../../src/distributed/status/status.js";

const worker = (number: number, changed: Partial<WorkerStatus> = {}): WorkerStatus => ({
  name: `worker-${number}`,
  device: "a GPU",
  state: "working",
  parts: 1000,
  imagesPerSecond: 500,
  restarts: 0,
  millisecondsPerPart: 2.5,
  ...changed,
});

const status = (workers: readonly WorkerStatus[], changed: Partial<RunStatus> = {}): RunStatus => ({
  step: 50,
  steps: 200,
  epoch: 1.26,
  loss: 0.081234,
  imagesPerSecond: 12_345.6,
  restarts: 3,
  lastFault: "kill worker-1",
  processes: [],
  workers,
  ...changed,
});

const cluster = (count: number) => Array.from({ length: count }, (_, i) => worker(i));

describe("statusLines", () => {
  it("says how far the run is and how each worker does", () => {
    const workers = [
      worker(0),
      worker(1, {
        state: "healing",
        parts: 12,
        restarts: 10,
        imagesPerSecond: 0,
        device: "",
        millisecondsPerPart: undefined,
      }),
    ];
    expect(statusLines(status(workers, { elapsed: 4000, left: 65, testSse: 4.5 }), 120, 40)).toEqual([
      `${"█".repeat(10)}${"░".repeat(30)} 25% | step 50/200 | epoch 1.3 | 1h06m elapsed | 1m05s left`,
      "loss 0.08123 | test SSE 4.500 | 12,346 images/s",
      "2 workers: 1 healing, 1 working | 3 restarts",
      "last fault: kill worker-1",
      "worker    state    parts  ms/part  images/s  restarts  device",
      "worker-0  working  1,000      2.5       500         0  a GPU",
      "worker-1  healing     12        -         0        10  -",
    ]);
  });

  it("has the time left and the test error at 80 columns, with a bar, of a run of a million steps too", () => {
    const long = { step: 123_456, steps: 1_000_000, epoch: 123.4, elapsed: 40_000, left: 300_000, testSse: 12.345 };
    const [far, well] = statusLines(status(cluster(1), { ...long, imagesPerSecond: 1_234_567 }), 80, 24);
    expect(far).toMatch(/^█+░+ 12% \| step 123456\/1000000 \| epoch 123\.4 \| 11h06m elapsed \| 83h20m left$/);
    expect(well).toBe("loss 0.08123 | test SSE 12.345 | 1,234,567 images/s");
  });

  it("says so where something is not known yet", () => {
    const unknown = { step: 0, loss: undefined, imagesPerSecond: undefined, restarts: 1, lastFault: undefined };
    const [far, well, summary, , row] = statusLines(
      status([worker(0, { imagesPerSecond: undefined })], unknown),
      120,
      9,
    );
    expect(far).toMatch(/ 0% \| step 0\/200 \| epoch 1\.3$/);
    expect(well).toBe("loss - | - images/s");
    expect(row).toMatch(/^worker-0 +working +1,000 +2\.5 +- /);
    expect(summary).toBe("1 worker: 1 working | 1 restart");
  });

  it("folds the workers that do not fit, those that do well first", () => {
    const workers = cluster(32).map((one, i) =>
      i === 30 ? { ...one, state: "lost" as const } : i === 31 ? { ...one, state: "idle" as const, restarts: 1 } : one,
    );
    const lines = statusLines(status(workers), 120, 10);
    expect(lines).toHaveLength(10);
    expect(lines[2]).toContain("32 workers: 30 working, 1 idle, 1 lost");
    expect(lines.slice(5).map((line) => line.split(" ")[0])).toEqual([
      "worker-0",
      "worker-1",
      "worker-2",
      "worker-30",
      "and",
    ]);
    expect(lines[9]).toBe("and 28 more: 27 working, 1 idle, 28,000 parts, 14,000 images/s, 1 restart");
  });

  it("folds nothing that just fits", () => {
    expect(statusLines(status(cluster(5)), 120, 10).map((line) => line.slice(0, 8))).toContain("worker-4");
    expect(statusLines(status(cluster(6)), 120, 10)[9]).toMatch(/^and 2 more/);
  });

  it("never exceeds the terminal", () => {
    const workers = fc.array(
      fc.record({
        name: fc.nat({ max: 200 }).map((n) => `worker-${n}`),
        device: fc.string({ maxLength: 60 }),
        state: fc.constantFrom(...WORKER_STATES),
        parts: fc.nat(),
        imagesPerSecond: fc.double({ min: 0, max: 1e9, noNaN: true }),
        restarts: fc.nat({ max: 1000 }),
        millisecondsPerPart: fc.option(fc.double({ min: 0.1, max: 1e5, noNaN: true }), { nil: undefined }),
      }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(workers, fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 50 }), (list, columns, rows) => {
        const lines = statusLines(status(list), columns, rows);
        expect(lines.length).toBeLessThanOrEqual(rows);
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns);
        // Every worker is in the status, on a line of its own or counted in the last line.
        const shown = lines.slice(5).filter((line) => !line.startsWith("and ")).length;
        const more = Number(/^and (\d+)/.exec(lines.at(-1) ?? "")?.[1] ?? 0);
        if (rows >= 7 && columns >= 10) expect(shown + more).toBe(list.length);
      }),
    );
  });

  it("cuts a line with an ellipsis", () => {
    expect(statusLines(status(cluster(1)), 20, 9)[5]).toBe("worker-0  working  …");
  });
});
