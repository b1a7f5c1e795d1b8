import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseIdx } from "../../src/data/idx.js";
import { DataError } from "../../src/error.js";
import { count, idx, idxBytes } from "./files.js";

describe("parseIdx", () => {
  it("reads bytes of any shape", () => {
    const extents = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(extents, (shape) => {
        const values = count(shape.reduce((product, extent) => product * extent, 1));
        expect(parseIdx(idxBytes(shape, values), "f")).toEqual({ shape, values, scale: 1 / 255 });
      }),
    );
  });

  it("reads the other number types, big-endian", () => {
    expect(parseIdx(idx(0x09, [2], [255, 127]), "f").values).toEqual(Int32Array.of(-1, 127));
    expect(parseIdx(idx(0x0b, [2], [255, 254, 1, 0]), "f").values).toEqual(Int32Array.of(-2, 256));
    expect(parseIdx(idx(0x0c, [1], [255, 255, 255, 253]), "f").values).toEqual(Int32Array.of(-3));
    expect(parseIdx(idx(0x0d, [1], [0x3f, 0xc0, 0, 0]), "f")).toEqual({
      shape: [1],
      values: Float32Array.of(1.5),
      scale: 1,
    });
    expect(parseIdx(idx(0x0e, [1], [0xc0, 0x04, 0, 0, 0, 0, 0, 0]), "f").values).toEqual(Float32Array.of(-2.5));
  });

  it("reads a file that lies within a larger buffer", () => {
    const bytes = idxBytes([3], [7, 8, 9]);
    const larger = Uint8Array.from([1, 2, 3, ...bytes, 4]);
    expect(parseIdx(larger.subarray(3, 3 + bytes.length), "f").values).toEqual(Uint8Array.of(7, 8, 9));
  });

  it.each([
    ["empty", new Uint8Array(0), /^a\.idx: not an IDX file: it starts with nothing/],
    ["text", new TextEncoder().encode("<html>"), /^a\.idx: not an IDX file: it starts with 3c 68 74 6d/],
    ["an unknown type", idx(0x07, [1], [1]), /^a\.idx: not an IDX file: it starts with 00 00 07 01/],
    ["no dimension", idx(0x08, [], [1]), /^a\.idx: not an IDX file: it starts with 00 00 08 00/],
    [
      "a cut header",
      idxBytes([2, 3], count(6)).subarray(0, 9),
      /^a\.idx: IDX header cut short: 2 dimensions need 12 bytes, got 9/,
    ],
    [
      "cut data",
      idxBytes([2, 3], count(5)),
      /^a\.idx: data cut short: 2 x 3 values of type u8 are 6 bytes, the file has 5; /,
    ],
    ["trailing bytes", idxBytes([2, 3], count(7)), /^a\.idx: data followed by something else: .* the file has 7; /],
    ["no rows", idxBytes([0, 28, 28], []), /^a\.idx: holds no data \(its shape is 0 x 28 x 28\)/],
    ["a size beyond all memory", idxBytes([0xffffffff, 0xffffffff, 0xffffffff], count(9)), /^a\.idx: data cut short: /],
  ])("refuses %s", (_, bytes, message) => {
    expect(() => parseIdx(bytes, "a.idx")).toThrow(DataError);
    expect(() => parseIdx(bytes, "a.idx")).toThrow(message);
  });

  it("fails on arbitrary bytes only with a DataError of one line", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (noise) => {
        const bytes = Uint8Array.from([0, 0, 8, ...noise]);
        try {
          parseIdx(bytes, "f");
        } catch (error) {
          expect(error).toBeInstanceOf(DataError);
          expect((error as Error).message).not.toContain("\n");
        }
      }),
    );
  });
});
