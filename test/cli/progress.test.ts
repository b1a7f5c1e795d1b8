/** The progress bar on a terminal: lines printed meanwhile stand above it, and what comes after it stands below. */
import { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import { Progress } from "../../src/cli/output.js";
import { SimulatedWorld } from "../../src/world/simulated-world.js";

const ESCAPE = String.fromCharCode(27);
const [SAVE, RESTORE, ERASE] = ["7", "8", "[K"].map((sequence) => `${ESCAPE}${sequence}`);

it("ends where the bar is, and not where it was before lines were printed above it", () => {
  const stream = new PassThrough();
  const terminal = Object.assign(stream, { isTTY: true, columns: 120 }) as unknown as NodeJS.WriteStream;
  const progress = new Progress(new SimulatedWorld().clock, terminal);
  const start = { event: "start", step: 0, epoch: 0, time: 0, steps: 10, images: 160, resumed: false } as const;
  progress.observe(start);
  progress.observe({ event: "warning", step: 0, epoch: 0, time: 0, message: "low on space" });
  progress.close();
  const written = String(stream.read());
  expect(written).toContain(`\r${ERASE}warning: low on space\n${SAVE}`);
  // The bar's end goes back to the place saved last, and from there to the next line.
  expect(written.slice(written.indexOf(RESTORE))).toBe(`${RESTORE}\n`);
});
