/** `dawnpour privacy` on the command line: what it prints, and what it refuses. */
import { expect, it } from "vitest";
import { lastLine, Workplace } from "./dawnpour.js";

const place = new Workplace();
const RUN = ["--batch", "256", "--rows", "60000"];

it("prints the epsilon of each accountant", async () => {
  const { code, stdout } = await place.run("privacy", "--noise", "1.1", ...RUN, "--epochs", "60");
  expect(code).toBe(0);
  expect(stdout).toMatch(/^noise {4}1.1, 14063 steps, each row with probability 0.004267, delta 0.00001$/m);
  expect(stdout).toMatch(/^epsilon {2}2\.3\d+ by the loss distribution \(PRV\)$/m);
  expect(stdout).toMatch(/^ {9}2.597 by RDP$/m);
  expect(stdout).toMatch(/^ {9}3.008 by RDP, with the conversion of papers until 2020$/m);
});

it("finds the noise for an epsilon", async () => {
  const { stdout } = await place.run("privacy", "--epsilon", "3", ...RUN, "--steps", "100", "--json");
  const { noise, lossDistribution } = JSON.parse(lastLine(stdout)) as { noise: number; lossDistribution: number };
  expect(noise).toBeLessThan(1);
  expect(lossDistribution).toBeLessThanOrEqual(3);
  expect(lossDistribution).toBeGreaterThan(2.9);
});

it.each([
  [["--noise", "0", "--epochs", "1"], /--noise must be from 0.3 to 1000, got 0/],
  [["--noise", "1", "--epochs", "1", "--delta", "0.5"], /--delta must be .* below 1 \/ rows \(0.000017\).*, got 0.5/],
  [["--noise", "1", "--epochs", "1e9"], /--epochs must give 1 to 100000000 steps, got 234375000000/],
])("%j is refused", async (wrong, message) => {
  const { code, stderr } = await place.run("privacy", ...RUN, ...wrong);
  expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
});
