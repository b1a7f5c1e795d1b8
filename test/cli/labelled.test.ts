/** Runs that learn a column of a table: what `evaluate` prints of them, and that other labels are other data. */
import { beforeAll, describe, expect, it } from "vitest";
import { Workplace } from "./dawnpour.js";

const place = new Workplace();
const CPU = ["--device", "cpu"];
const ROWS = 200;

/** Two columns, and a third that follows from them. */
function table(label: (a: number, b: number, row: number) => string | number): string {
  const lines = Array.from({ length: ROWS }, (_, i) => {
    const [a, b] = [Math.sin(i), Math.cos(3 * i)];
    return [a.toFixed(4), b.toFixed(4), label(a, b, i)].join(",");
  });
  return `a,b,label\n${lines.join("\n")}\n`;
}

const kind = (a: number, b: number): string => (a + b > 0 ? "high" : "low");
const price = (a: number, b: number): string => (1000 + 300 * a - 200 * b).toFixed(2);

const TABLE = ["--label", "label", "--epochs", "30", "--batch", "16", "--lr", "0.01"];

describe("a regression", () => {
  it("is measured in the units of its column: root mean square error, and share of the variance", async () => {
    await place.write("prices.csv", table(price));
    const run = ["--task", "regress", "--layers", "2,16,1", "--out", "prices"];
    await place.train("--dataset", "prices.csv", ...TABLE, ...run);
    const json = await place.call("evaluate", "prices", "--json", ...CPU);
    expect(json.stderr).toBe("");
    const { rmse, r2 } = JSON.parse(json.stdout).test;
    expect(r2).toBeGreaterThan(0.9);
    expect(r2).toBeLessThanOrEqual(1);
    // r2 compares the squares with those around the mean of the test rows.
    const prices = (await place.read("prices.csv"))
      .toString()
      .trim()
      .split("\n")
      .slice(-ROWS / 10);
    const values = prices.map((line) => Number(line.split(",")[2]));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    expect(rmse ** 2 / variance).toBeCloseTo(1 - r2, 4);
    const { stdout } = await place.call("evaluate", "prices", ...CPU);
    expect(stdout).toMatch(/^test .* rmse [\d.]+ +r2 0\.9\d*$/m);
  });
});

describe("other labels of the same rows", () => {
  beforeAll(async () => {
    await place.write("kinds.csv", table(kind));
    const run = ["--task", "classify", "--layers", "2,8,2", "--out", "kinds"];
    await place.train("--dataset", "kinds.csv", ...TABLE, ...run);
    await place.write(
      "kinds.csv",
      table((a, b, row) => (row % 5 === 0 ? kind(-a, -b) : kind(a, b))),
    );
  });

  it.each([
    ["train", "--resume", "--out", "kinds", "--epochs", "31"],
    ["evaluate", "kinds"],
  ])("are refused by %s", async (...command) => {
    const { code, stderr } = await place.call(...command, ...CPU);
    expect(stderr).toMatch(
      /the rows are those of kinds\.csv \(180 \+ 20 rows, SHA-256 [0-9a-f]{12}\), but their labels differ: name the data it was trained on with --dataset and --label, or take this with --other-data\n$/,
    );
    expect(code).toBe(1);
  });

  it("are taken with --other-data", async () => {
    const { code, stdout } = await place.call("evaluate", "kinds", "--other-data", ...CPU);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^test +[\d.]+ % right/m)]);
  });

  it("are no others once the file has the old ones again", async () => {
    await place.write("kinds.csv", table(kind));
    const { code, stderr } = await place.call("evaluate", "kinds", ...CPU);
    expect([code, stderr]).toEqual([0, ""]);
  });
});
