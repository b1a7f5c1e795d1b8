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
  expect(classesOf([2n ** 32n, 7], "t")).toEqual(["4294967296", "7"]);
  expect(classesOf([2147483647, -7], "t")).toEqual(Int32Array.of(2147483647, -7));
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
