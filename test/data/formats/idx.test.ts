import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesInMemory } from "../../../src/data/formats/format.js";
import { IDX } from "../../../src/data/formats/idx.js";
import { DataError } from "../../../src/error.js";
import { count, idx, idxBytes } from "../files.js";
import { readAll } from "./read.js";

const parse = (bytes: Uint8Array, file = "f") => readAll(IDX, bytes, file);

describe("IDX", () => {
  it("reads bytes of any shape", async () => {
    const extents = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(extents, async (shape) => {
        const values = count(shape.reduce((product, extent) => product * extent, 1));
        expect(await parse(idxBytes(shape, values))).toEqual({ shape, values, type: "uint8" });
      }),
    );
  });

  it("reads the other number types, big-endian", async () => {
    expect((await parse(idx(0x09, [2], [255, 127]))).values).toEqual(Int32Array.of(-1, 127));
    expect((await parse(idx(0x0b, [2], [255, 254, 1, 0]))).values).toEqual(Int32Array.of(-2, 256));
    expect((await parse(idx(0x0c, [1], [255, 255, 255, 253]))).values).toEqual(Int32Array.of(-3));
    expect(await parse(idx(0x0d, [1], [0x3f, 0xc0, 0, 0]))).toEqual({
      shape: [1],
      values: Float32Array.of(1.5),
      type: "float32",
    });
    expect((await parse(idx(0x0e, [1], [0xc0, 0x04, 0, 0, 0, 0, 0, 0]))).values).toEqual(Float32Array.of(-2.5));
  });

  it("reads the rows that are asked for, and no others", async () => {
    const ranges: [number, number][] = [];
    const bytes = bytesInMemory(idxBytes([10, 3], count(30)));
    const [array] = await IDX.open(
      {
        size: bytes.size,
        read: (start, end) => {
          ranges.push([start, end]);
          return bytes.read(start, end);
        },
      },
      "f",
      {},
    );
    expect(await array.rows(4, 6)).toEqual(count(30).subarray(12, 18));
    expect(ranges.at(-1)).toEqual([12 + 12, 12 + 18]);
  });

  it("reads a file that lies within a larger buffer", async () => {
    const bytes = idxBytes([3], [7, 8, 9]);
    const larger = Uint8Array.from([1, 2, 3, ...bytes, 4]);
    expect((await parse(larger.subarray(3, 3 + bytes.length))).values).toEqual(Uint8Array.of(7, 8, 9));
  });

  it.each([
    [
      "a cut header",
      idxBytes([2, 3], count(6)).subarray(0, 9),
      /^a\.idx: IDX header cut short: 2 dimensions need 12 bytes, got 9/,
    ],
    [
      "cut data",
      idxBytes([2, 3], count(5)),
      /^a\.idx: data cut short: 2 x 3 values of type uint8 are 6 bytes, the file has 5; /,
    ],
    ["trailing bytes", idxBytes([2, 3], count(7)), /^a\.idx: data followed by something else: .* the file has 7; /],
    ["no rows", idxBytes([0, 28, 28], []), /^a\.idx: holds no rows \(its shape is 0 x 28 x 28\)/],
    ["a size beyond all memory", idxBytes([0xffffffff, 0xffffffff, 0xffffffff], count(9)), /^a\.idx: data cut short: /],
    [
      "more dimensions than anybody has",
      idxBytes(new Array(200).fill(3), count(9)),
      /^a\.idx: data cut short: 3 x 3 x 3 x 3 x 3 x 3 x 3 x 3 x \.\.\. \(200 dimensions\) values/,
    ],
  ])("refuses %s", async (_, bytes, message) => {
    await expect(parse(bytes, "a.idx")).rejects.toThrow(DataError);
    await expect(parse(bytes, "a.idx")).rejects.toThrow(message);
  });

  it("fails on arbitrary bytes only with a DataError of one line", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 40 }), async (noise) => {
        const bytes = Uint8Array.from([0, 0, 8, 1, ...noise]);
        try {
          await parse(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(DataError);
          expect((error as Error).message).not.toContain("\n");
        }
      }),
    );
  });
});
