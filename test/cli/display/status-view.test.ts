/** On a terminal the block of status lines is redrawn in place. Elsewhere a plain line is printed from time to time. */
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { StatusView } from "../../../src/cli/display/status-view.js";
import type { ClusterStatus } from "../../../src/distributed/status/status.js";
import type { RunEvent } from "../../../src/training/event.js";
import { SimulatedWorld } from "../../../src/world/simulated/world.js";

const ESCAPE = String.fromCharCode(27);
const SEQUENCE = new RegExp(`${ESCAPE}\\[(\\??\\d*)([AJKhl])|([\\r\\n])|([^${ESCAPE}\\r\\n]+)`, "g");

/** The lines that a terminal of `columns` shows after `text` was written to it, and whether its cursor is visible. */
function screen(text: string, columns: number): { lines: string[]; cursor: boolean } {
  const lines = [""];
  let [row, column, cursor] = [0, 0, true];
  for (const [, argument, command, control, plain] of text.matchAll(SEQUENCE)) {
    if (command === "A") row -= Number(argument);
    if (command === "J") lines.splice(row, lines.length, lines[row].slice(0, column));
    // At the right edge the cursor stays on the last character.
    if (command === "K") lines[row] = lines[row].slice(0, Math.min(column, columns - 1));
    if (command === "h") cursor = true;
    if (command === "l") cursor = false;
    if (control) column = 0;
    if (control === "\n") lines[++row] ??= "";
    for (const letter of plain ?? "") {
      if (column === columns) {
        column = 0;
        lines[++row] ??= "";
      }
      lines[row] = lines[row].slice(0, column) + letter + lines[row].slice(++column);
    }
    if (row < 0) throw new Error("above the screen");
  }
  return { lines, cursor };
}

const status = (step: number, changed: Partial<ClusterStatus> = {}): ClusterStatus => ({
  step,
  steps: 100,
  epoch: step / 50,
  loss: 0.5,
  imagesPerSecond: 1000,
  restarts: 0,
  workers: [0, 1].map((i) => ({
    name: `worker-${i}`,
    device: "a GPU",
    state: "working",
    parts: step,
    imagesPerSecond: 500,
    restarts: 0,
    millisecondsPerPart: 2.5,
  })),
  processes: [],
  ...changed,
});

function start(isTTY: boolean, columns = 120, rows = 30) {
  const { time } = new SimulatedWorld();
  const stream = new PassThrough();
  const terminal = Object.assign(stream, { isTTY, columns, rows });
  const view = new StatusView(time, terminal as unknown as NodeJS.WriteStream);
  let sent = "";
  const written = (): string => {
    sent += String(stream.read() ?? "");
    return sent;
  };
  return { time, terminal, view, written };
}

const event = { step: 5, epoch: 0.1, time: 1 };
const recovery: Extract<RunEvent, { event: "recovery" }> = {
  ...event,
  event: "recovery",
  ...{ target: "worker-1", failure: "its gradient was damaged", faults: [1] },
  ...{ noticed: 1.25, resumed: 1.5, waitedFrom: 1.1, waited: 0.3, stepsLost: 0, away: false },
};
const LINE =
  "1.0 s, step 5: kill worker-1: worker-1's gradient was damaged; noticed after 0.25 s; training waited 0.30 s";

describe("StatusView on a terminal", () => {
  it("draws over itself, with what happens above it, and stays when closed", async () => {
    const { time, view, written } = start(true);
    view.show(status(0));
    await time.advance(1000);
    view.show(status(10, { restarts: 1 }));
    view.observe({ ...event, event: "fault", id: 1, fault: "kill worker-1", target: "worker-1" });
    view.observe(recovery);
    expect(screen(written(), 120).lines[1]).toContain("step 10/100");
    view.observe({ ...event, event: "evaluation", test: { sse: 4.25, mse: 0.01 } });
    await time.advance(1000);
    view.show(status(20));
    expect(screen(written(), 120).cursor).toBe(false);
    view.close();
    view.line("done");
    const { lines, cursor } = screen(written(), 120);
    expect(cursor).toBe(true);
    expect(lines[0]).toBe(LINE);
    expect(lines[1]).toContain("20% | step 20/100 | epoch 0.4 | 2s elapsed | 8s left");
    expect(lines[2]).toBe("loss 0.50000 | test SSE 4.250 | 1,000 images/s");
    expect(lines[4]).toBe("last fault: kill worker-1 (1.0 s, step 5)");
    expect(lines.slice(3).map((line) => line.split(" ")[0])).toEqual([
      "2",
      "last",
      "worker",
      "worker-0",
      "worker-1",
      "done",
      "",
    ]);
  });

  it("draws no more often than one can see, and the latest when closed", async () => {
    const { time, view, written } = start(true);
    view.show(status(1));
    const drawn = written();
    view.show(status(2));
    await time.advance(99);
    view.show(status(3));
    expect(written()).toBe(drawn);
    await time.advance(1);
    view.show(status(4));
    expect(screen(written(), 120).lines[0]).toContain("step 4/100");
    view.show(status(5));
    view.close();
    expect(screen(written(), 120).lines[0]).toContain("step 5/100");
    view.show(status(6));
    view.close();
    expect(screen(written(), 120).lines[0]).toContain("step 5/100");
  });

  it("follows the terminal when it is made smaller", async () => {
    const { time, terminal, view, written } = start(true, 120, 30);
    view.show(status(1));
    const before = written();
    await time.advance(1000);
    Object.assign(terminal, { columns: 40, rows: 5 });
    view.show(status(2));
    // The terminal wraps the old lines at its new width. All of them must be erased.
    const { lines } = screen(before + written().slice(before.length), 40);
    expect(lines.map((line) => line.slice(0, 9))).toEqual(["░".repeat(9), "loss 0.50", "2 workers", ""]);
  });

  it("takes a terminal that does not know its size for one of 80 by 24", async () => {
    const { time, view, written } = start(true, 0, 0);
    view.show(status(1));
    await time.advance(1000);
    view.show(status(2));
    expect(screen(written(), 80).lines.map((line) => line.split(" ")[0])).toEqual([
      ...["░".repeat(26), "loss", "2", "worker", "worker-0", "worker-1"],
      "",
    ]);
  });

  it("leaves rows above the block in which the last events can be read, however many workers there are", () => {
    const { view, written } = start(true, 80, 24);
    const workers = Array.from({ length: 24 }, (_, i) => ({ ...status(1).workers[0], name: `worker-${i}` }));
    view.show(status(1, { workers }));
    for (let i = 0; i < 8; i++) view.line(`failure ${i}`);
    const { lines } = screen(written(), 80);
    expect(lines).toHaveLength(24);
    expect(lines.slice(0, 8)).toEqual(Array.from({ length: 8 }, (_, i) => `failure ${i}`));
  });

  it("breaks long lines between words", () => {
    const { view, written } = start(true, 60);
    view.observe(recovery);
    expect(written().split("\n")).toEqual([
      "1.3 s, step 5: worker-1's gradient was damaged; training",
      "  waited 0.30 s",
      "",
    ]);
  });

  it("keeps lines that are as wide as the terminal, and wider ones above the block", async () => {
    const { time, view, written } = start(true, 40);
    view.show(status(1));
    for (const length of [40, 100, 0]) view.line("x".repeat(length));
    await time.advance(1000);
    view.show(status(2));
    const { lines } = screen(written(), 40);
    expect(lines.slice(0, 5)).toEqual(["x".repeat(40), "x".repeat(40), "x".repeat(40), "x".repeat(20), ""]);
    expect(lines[5]).toBe(`${"░".repeat(11)} 2% | step 2/100 | 1m38s left`);
    expect(lines).toHaveLength(12);
  });

  it("leaves the cursor alone when there was nothing to show", () => {
    const { view, written } = start(true);
    view.line("note");
    view.close();
    expect(written()).toBe("note\n");
  });
});

describe("StatusView elsewhere", () => {
  it("writes a plain line every five seconds, and one for each thing that happens", async () => {
    const { time, view, written } = start(false);
    for (let step = 0; step <= 60; step++) {
      const lost = { ...status(step).workers[1], state: "lost" as const };
      view.show(status(step, step < 50 ? {} : { restarts: 2, workers: [status(step).workers[0], lost] }));
      await time.advance(100);
    }
    view.observe({ ...event, event: "warning", message: "low on space" });
    view.observe({ ...event, event: "evaluation", test: { sse: 4.25, mse: 0.01 } });
    view.observe({ ...event, event: "fault", id: 1, fault: "kill worker-1", target: "worker-1" });
    view.observe(recovery);
    view.observe({ ...event, event: "fault", id: 2, fault: "tear checkpoint", target: "disk" });
    view.observe({ ...recovery, faults: [], target: "worker-0", away: true });
    view.observe({ ...event, time: 12, event: "rejoin", target: "worker-1" });
    view.observe({ ...event, time: 13, event: "rejoin", target: "worker-0" });
    view.observe({ ...event, event: "checkpoint", path: "a" });
    view.close();
    expect(written().split("\n")).toEqual([
      "step 0/100  loss 0.50000  1,000 images/s  0s elapsed  2 of 2 workers up",
      "step 50/100  loss 0.50000  1,000 images/s  5s elapsed  5s left  1 of 2 workers up, 2 restarts",
      "warning: low on space",
      "epoch 0.1  step 5 | test SSE 4.250",
      "1.0 s, step 5: fault: kill worker-1",
      LINE,
      "1.0 s, step 5: fault: tear checkpoint",
      // The torn checkpoint has caused no failure so far. The worker that is slow to come back has a line above.
      "1.3 s, step 5: worker-0's gradient was damaged; training waited 0.30 s; worker not back yet",
      "13.0 s: worker-0 is back after 11.8 s",
      "1.0 s, step 5: tear checkpoint: it had no effect",
      "",
    ]);
  });
});
