/** The state of many workers fits any terminal, and says first what matters. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type RunStatus, statusLines } from "../../src/cli/status-lines.js";
import { WORKER_STATES, type WorkerStatus } from "../../src/distributed/status.js";

const worker = (number: number, changed: Partial<WorkerStatus> = {}): WorkerStatus => ({
  name: `worker-${number}`,
  device: "a GPU",
  state: "working",
  shards: 1000,
  imagesPerSecond: 500,
  restarts: 0,
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
  workers,
  ...changed,
});

const cluster = (count: number) => Array.from({ length: count }, (_, i) => worker(i));

describe("statusLines", () => {
  it("says how far the run is and how each worker does", () => {
    const workers = [
      worker(0),
      worker(1, { state: "healing", shards: 12, restarts: 10, imagesPerSecond: 0, device: "" }),
    ];
    expect(statusLines(status(workers, { left: 65, testSse: 4.5 }), 120, 40)).toEqual([
      `${"█".repeat(6)}${"░".repeat(18)} 25% | step 50/200 | epoch 1.3 | loss 0.08123 | 12,346 images/s | 1m05s left | test SSE 4.500`,
      "2 workers: 1 healing, 1 working | 3 restarts | last fault: kill worker-1",
      "worker    state    shards  images/s  restarts  device",
      "worker-0  working   1,000       500         0  a GPU",
      "worker-1  healing      12         0        10  -",
    ]);
  });

  it("says so where something is not known yet", () => {
    const [bar, summary] = statusLines(
      status([], { step: 0, loss: undefined, restarts: 1, lastFault: undefined }),
      120,
      9,
    );
    expect(bar).toContain(" 0% | step 0/200 | epoch 1.3 | loss - | ");
    expect(summary).toBe("0 workers | 1 restart | last fault: none");
  });

  it("folds the workers that do not fit, those that do well first", () => {
    const workers = cluster(32).map((one, i) =>
      i === 30 ? { ...one, state: "lost" as const } : i === 31 ? { ...one, state: "idle" as const, restarts: 1 } : one,
    );
    const lines = statusLines(status(workers), 120, 8);
    expect(lines).toHaveLength(8);
    expect(lines[1]).toContain("32 workers: 30 working, 1 idle, 1 lost");
    expect(lines.slice(3).map((line) => line.split(" ")[0])).toEqual([
      "worker-0",
      "worker-1",
      "worker-2",
      "worker-30",
      "and",
    ]);
    expect(lines[7]).toBe("and 28 more: 27 working, 1 idle, 28,000 shards, 14,000 images/s, 1 restart");
  });

  it("folds nothing that just fits", () => {
    expect(statusLines(status(cluster(5)), 120, 8).map((line) => line.slice(0, 8))).toContain("worker-4");
    expect(statusLines(status(cluster(6)), 120, 8)[7]).toMatch(/^and 2 more/);
  });

  it("never exceeds the terminal", () => {
    const workers = fc.array(
      fc.record({
        name: fc.nat({ max: 200 }).map((n) => `worker-${n}`),
        device: fc.string({ maxLength: 60 }),
        state: fc.constantFrom(...WORKER_STATES),
        shards: fc.nat(),
        imagesPerSecond: fc.double({ min: 0, max: 1e9, noNaN: true }),
        restarts: fc.nat({ max: 1000 }),
      }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(workers, fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 50 }), (list, columns, rows) => {
        const lines = statusLines(status(list), columns, rows);
        expect(lines.length).toBeLessThanOrEqual(rows);
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns);
        // All workers are told of, each by a line of its own or in the last one.
        const shown = lines.slice(3).filter((line) => !line.startsWith("and ")).length;
        const more = Number(/^and (\d+)/.exec(lines.at(-1) ?? "")?.[1] ?? 0);
        if (rows >= 5 && columns >= 10) expect(shown + more).toBe(list.length);
      }),
    );
  });

  it("cuts a line with an ellipsis", () => {
    expect(statusLines(status(cluster(1)), 20, 9)[3]).toBe("worker-0  working  …");
  });
});
