/** The script that simulates many seeds starts, and says what it found. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";

it("simulates the seeds that it is given", async () => {
  const words = ["test/simulation/simulate.mjs", "--seeds", "2", "--first", "7"];
  const { stdout } = await promisify(execFile)(process.execPath, words);
  expect(stdout).toMatch(/^2 seeds from 7: 0 failed; /m);
});
