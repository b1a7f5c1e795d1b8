/** `dawnpour apply` writes what a trained classifier or regression gives for each row. */
import { beforeAll, describe, expect, it } from "vitest";
import { NPY } from "../../../src/data/formats/npy.js";
import { readAll } from "../../data/formats/read.js";
import { SMALL, Workplace } from "../dawnpour.js";

const place = new Workplace();
const CPU = ["--device", "cpu", "--threads", "1"];
const QUICK = ["--epochs", "200", "--batch", "16", ...CPU];

/** Two clouds of points; the name of one has a comma and quotes. */
const KINDS = ['the "left", far', "right"];
const points = Array.from({ length: 64 }, (_, i) => ({
  x: (i % 2 ? 3 : -3) + ((i * 7) % 11) / 11,
  y: (i % 5) / 5,
  kind: i % 2,
}));
const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

beforeAll(async () => {
  const rows = points.map(({ x, y, kind }) => `${x},${y},${quoted(KINDS[kind])}`);
  await place.write("kinds.csv", `length,width,kind\n${rows.join("\n")}\n`);
  await place.write("new.csv", 'name,width,length\n"a, b",0.2,-3.1\nc,0.6,3.4\n');
  await place.write("other.csv", "length,widht\n1,2\n3,4\n");
  const numbers = points.map(({ x, y }) => `${x},${y},${1000 + 10 * x}`);
  await place.write("prices.csv", `length,width,price\n${numbers.join("\n")}\n`);
  for (const [file, ...args] of [
    ["kinds.csv", "--task", "classify", "--label", "kind", "--layers", "2,8,2", "--out", "kinds"],
    ["prices.csv", "--task", "regress", "--label", "price", "--layers", "2,8,1", "--out", "prices"],
  ]) {
    const { code, stderr } = await place.call("train", file, ...args, ...QUICK);
    expect([code, stderr]).toEqual([0, expect.any(String)]);
  }
  await place.train(...SMALL, "--out", "autoencoder");
});

async function applied(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await place.call("apply", ...args, ...CPU);
  expect(code).toBe(0);
  if (args.includes("new.csv")) expect(stderr).toBe('note: left out: columns "name"\n');
  return stdout;
}

const table = async (name: string): Promise<string[]> => (await place.read(name)).toString().trimEnd().split("\n");

describe("dawnpour apply", () => {
  it("gives each row of new data without labels its class by name, and its probability", async () => {
    expect(await applied("kinds", "--dataset", "new.csv", "-o", "classes.csv")).toMatch(
      /^classes.csv: classes of 2 rows, all rows of .+\n$/,
    );
    const [head, ...rows] = await table("classes.csv");
    expect(head).toBe("row,class,probability");
    expect(rows[0].startsWith(`0,${quoted(KINDS[0])},0.9`)).toBe(true);
    expect(rows[1].startsWith(`1,${KINDS[1]},0.9`)).toBe(true);
  });

  it("writes the probabilities of all classes to .npy: those of a row add up to 1", async () => {
    const report = JSON.parse(await applied("kinds", "--dataset", "new.csv", "-o", "classes.npy", "--json"));
    expect(report).toMatchObject({ output: "classes.npy", rows: 2, outputs: 2, classes: ["right", KINDS[0]] });
    const { shape, values } = await readAll(NPY, await place.read("classes.npy"));
    expect(shape).toEqual([2, 2]);
    expect(values[0] + values[1]).toBeCloseTo(1, 6);
    // In the order of their names: the second is that of the first row.
    expect(values[1]).toBeGreaterThan(0.9);
  });

  it("agrees with evaluate on the share of right classes", async () => {
    await applied("kinds", "--split", "train", "-o", "train.csv");
    const [head, ...rows] = await table("train.csv");
    expect(head).toBe("row,class,probability,label");
    const right = rows.filter((row) => row.includes(`${quoted(KINDS[0])},`) === row.endsWith(quoted(KINDS[0])));
    const { stdout } = await place.call("evaluate", "kinds", ...CPU, "--json");
    expect(right.length / rows.length).toBeCloseTo(JSON.parse(stdout).train.accuracy, 6);
  });

  it("gives the numbers of a regression in the units of the data, beside those of the data", async () => {
    await applied("prices", "--split", "all", "-o", "prices-made.csv");
    const [head, ...rows] = await table("prices-made.csv");
    expect(head).toBe("row,value,target");
    expect(rows).toHaveLength(64);
    for (const row of rows) {
      const [, made, target] = row.split(",").map(Number);
      expect(Math.abs(made - target)).toBeLessThan(10);
    }
  });

  it.each([
    ["kinds", 2, ["-o", "classes.txt"], '--output "classes.txt": the name must end in .npy or .csv'],
    ["kinds", 2, ["-o", "none/classes.csv"], 'cannot write "none/classes.csv"'],
    [
      "kinds",
      1,
      ["--dataset", "other.csv", "-o", "a.csv"],
      `other.csv: has no column "width", which the network was trained on: is it "widht"?`,
    ],
    ["autoencoder", 2, ["-o", "a.csv"], "the checkpoint is an autoencoder: take encode for its codes"],
  ])("refuses %s %#", async (run, exit, args, message) => {
    const { code, stderr } = await place.call("apply", run, ...CPU, ...args);
    expect([code, stderr]).toEqual([exit, expect.stringContaining(message)]);
  });
});
