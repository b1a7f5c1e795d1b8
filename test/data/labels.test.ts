/** Labels in columns of tables: whole numbers, decimals and words, in training and test rows. */
import { expect, it } from "vitest";
import type { Dataset } from "../../src/data/dataset.js";
import { classesOf } from "../../src/data/formats/cells.js";
import { loadDataset } from "../../src/data/load.js";
import { SimulatedWorld } from "../../src/world/simulated/world.js";

async function load(labels: readonly string[], delimiter = ","): Promise<Dataset> {
  const world = new SimulatedWorld();
  const lines = labels.map((label, i) => [i, i + 1, label].join(delimiter));
  const text = `${["a", "b", "kind"].join(delimiter)}\n${lines.join("\n")}\n`;
  await world.disk.write("/t.csv", [new TextEncoder().encode(text)]);
  return loadDataset("/t.csv", { world, label: "kind", environment: {} });
}

it("whole numbers that do not fit in 32 bits do not wrap around", async () => {
  const { train } = await load(["4294967296", "3000000000", "4294967296", "1"]);
  expect(train.classNames).toEqual(["1", "3000000000", "4294967296"]);
  expect([...(train.targets ?? [])]).toEqual([4294967296, 3000000000, 4294967296]);
  expect(classesOf([2n ** 32n, 7])).toEqual(["4294967296", "7"]);
  expect(classesOf([2147483647, -7])).toEqual(Int32Array.of(2147483647, -7));
});

it("decimals with a comma, between semicolons, are numbers", async () => {
  const { train, test } = await load(["1,5", "2,25", "3"], ";");
  expect([...(train.targets ?? []), ...(test.targets ?? [])]).toEqual([1.5, 2.25, 3]);
});

it("a word in the test rows makes the whole numbers of the training rows names as well", async () => {
  const { train, test } = await load(["3", "007", "5", "3", ...new Array(16).fill("5"), "007", "unknown"]);
  expect(train.classNames).toEqual(["3", "5", "7", "unknown"]);
  expect(test.classNames).toEqual(train.classNames);
  expect([...(train.labels ?? [])].slice(0, 4)).toEqual([0, 2, 1, 0]);
  expect([...(test.labels ?? [])]).toEqual([2, 3]);
});

it.each(["", "  ", "NaN"])(
  "a row with the label %j is in no class: its labels are left out, and the row is named",
  async (none) => {
    const labels = [...new Array(12).fill("yes"), none, ...new Array(17).fill("no")];
    const { train, remarks } = await load(labels);
    expect([train.labels, train.targets]).toEqual([undefined, undefined]);
    const where = '/t.csv: row 12, column "kind" is ';
    expect(train.origin?.missing?.startsWith(where)).toBe(true);
    expect(remarks?.filter((one) => one.startsWith(where))).toEqual([
      `${train.origin?.missing}: the labels were left out`,
    ]);
  },
);

it("cells without a label are empty, whatever the type of the others", () => {
  expect(classesOf([1, null, 2])).toEqual(["1", "", "2"]);
  expect(classesOf(["a", undefined])).toEqual(["a", ""]);
});
