/** A signal changes the exit code of a run that it cut short, and of no other run. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { Interruption } from "../../src/cli/interruption.js";
import { encodeNpy } from "../../src/data/formats/npy.js";
import { Random } from "../../src/world/random.js";
import { Workplace } from "./dawnpour.js";

const place = new Workplace();
let before: typeof process.exitCode;
beforeEach(() => {
  before = process.exitCode;
});
afterEach(() => {
  process.exitCode = before;
});

it("it is that of the signal, unless all was there before it", () => {
  const lines: string[] = [];
  const interruption = new Interruption({ line: (text) => void lines.push(text), close: () => undefined });
  interruption.listen();
  try {
    process.emit("SIGINT", "SIGINT");
    expect([process.exitCode, interruption.signal.aborted]).toEqual([130, true]);
    expect(lines).toEqual([expect.stringContaining("Ctrl-C again ends at once")]);
    interruption.cameTooLate();
    expect(process.exitCode).toBeUndefined();
  } finally {
    interruption.close();
  }
});

it("a signal while PCA is computed leaves that out, and ends with its code and a report", async () => {
  const random = new Random(1);
  const [rows, features] = [600, 1500];
  const values = Float32Array.from({ length: rows * features }, () => random.uniform());
  await place.write("wide.npy", encodeNpy(values, [rows, features]));
  const args = ["--dataset", "wide.npy", "--layers", `${features},500`, "--steps", "1", "--device", "cpu"];
  const run = place.start("train", ...args, "--out", "run", "--json");
  await run.until(/^computing PCA/m);
  run.process.kill("SIGINT");
  const { code, stdout, stderr } = await run.outcome;
  expect([code, stderr]).toEqual([130, expect.stringMatching(/^leaving out PCA; .*\nPCA was left out$/m)]);
  expect(JSON.parse(stdout)).toMatchObject({ stopped: false, pca: null, test: { sse: expect.any(Number) } });
  expect(await place.contents()).toContain("run/report.html");
});
