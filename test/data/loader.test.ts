import { describe, expect, it } from "vitest";
import { limitDataset, type Split, sliceSplit } from "../../src/data/dataset.js";
import { gatherRows } from "../../src/data/loader.js";
import { count } from "./files.js";

const split: Split = { images: count(30), count: 10, features: 3, scale: 1 / 255, labels: count(10) };

describe("gatherRows", () => {
  it("copies the rows asked for, as stored", () => {
    const out = new Uint8Array(9);
    expect(gatherRows(split, Uint32Array.of(9, 0, 4), out)).toBe(out);
    expect(out).toEqual(Uint8Array.of(27, 28, 29, 0, 1, 2, 12, 13, 14));
    const reals = { images: Float32Array.of(0.5, 1.5), count: 2, features: 1, scale: 1 };
    expect(gatherRows(reals, Uint32Array.of(1, 1), new Float32Array(2))).toEqual(Float32Array.of(1.5, 1.5));
  });

  it("refuses rows that are not there and arrays that do not fit", () => {
    expect(() => gatherRows(split, Uint32Array.of(10), new Uint8Array(3))).toThrow(
      "gather rows: row 10 lies outside the data of 10 rows",
    );
    expect(() => gatherRows(split, Uint32Array.of(1), new Uint8Array(4))).toThrow(
      "gather rows: 1 rows of 3 are 3 values, got room for 4",
    );
  });
});

describe("limitDataset", () => {
  it("keeps the first rows of each split, and all of a shorter one", () => {
    const dataset = { name: "n", source: "s", train: split, test: sliceSplit(split, 0, 3) };
    const { train, test } = limitDataset(dataset, 4);
    expect([train.count, train.images.length, train.labels?.length]).toEqual([4, 12, 4]);
    expect([test.count, test.images.length, test.labels?.length]).toEqual([3, 9, 3]);
    expect("labels" in limitDataset({ ...dataset, train: { ...split, labels: undefined } }, 4)).toBe(false);
  });
});
