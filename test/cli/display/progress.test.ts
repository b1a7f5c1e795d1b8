/** Progress on a terminal: lines that are printed while it shows go above it, and later output goes below it. */
import { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import { Progress } from "../../../src/cli/display/output.js";
import { SimulatedWorld } from "../../../src/world/simulated/world.js";

function start(isTTY: boolean) {
  const stream = new PassThrough();
  const { time } = new SimulatedWorld();
  const terminal = Object.assign(stream, { isTTY, columns: 80, rows: 24 }) as unknown as NodeJS.WriteStream;
  const progress = new Progress(time, terminal);
  progress.observe({ event: "start", step: 0, epoch: 0, time: 0, steps: 1000, images: 160, resumed: false });
  return { progress, time, written: () => String(stream.read()) };
}

const steps = {
  event: "steps",
  step: 250,
  epoch: 2.5,
  time: 5,
  loss: 0.1,
  learningRate: 1,
  imagesPerSecond: 1e4,
} as const;
const ESCAPE = String.fromCharCode(27);
const plain = (text: string): string[] =>
  text.replaceAll(new RegExp(`${ESCAPE}\\[\\??\\d*[A-Za-z]`, "g"), "").split(/[\r\n]+/);

it("has two lines on a terminal that are drawn over themselves, with what happens above them", async () => {
  const { progress, time, written } = start(true);
  await time.advance(5000);
  progress.observe(steps);
  progress.observe({ event: "warning", step: 0, epoch: 0, time: 0, message: "low on space" });
  progress.observe({ event: "evaluation", step: 250, epoch: 2.5, time: 5, test: { sse: 3.25, mse: 0.01 } });
  progress.observe({ event: "end", step: 1000, epoch: 10, time: 20 });
  progress.line("report");
  const all = written();
  const lines = plain(all);
  expect(lines).toContain("warning: low on space");
  const far = `${"█".repeat(6)}${"░".repeat(18)} 25% | step 250/1000 | epoch 2.5 | 5s elapsed | 15s left`;
  expect(far).toHaveLength(80);
  expect(lines.slice(-4)).toEqual([far, "loss 0.10000 | test SSE 3.250 | 10,000 images/s", "report", ""]);
  // The cursor is hidden while the progress shows, and visible after it.
  expect(all.lastIndexOf(`${ESCAPE}[?25h`)).toBeGreaterThan(all.lastIndexOf(`${ESCAPE}[?25l`));
});

it("writes plain lines elsewhere", async () => {
  const { progress, time, written } = start(false);
  await time.advance(5000);
  progress.observe(steps);
  progress.observe({ event: "end", step: 1000, epoch: 10, time: 20 });
  expect(written()).toBe("step 250/1000  loss 0.10000  10,000 images/s  5s elapsed  15s left\n");
});
