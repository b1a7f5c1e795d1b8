import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeNpy, parseNpy } from "../../src/data/npy.js";
import { DataError } from "../../src/error.js";
import { bytesOf, count, npy, npyHeader } from "./files.js";

describe("parseNpy", () => {
  it("reads bytes, bools, whole and real numbers", () => {
    expect(parseNpy(npy(npyHeader("|u1", "(2, 3)"), count(6)), "f")).toEqual({
      shape: [2, 3],
      values: count(6),
      scale: 1 / 255,
    });
    expect(parseNpy(npy(npyHeader("|b1", "(2,)"), [1, 0]), "f")).toEqual({
      shape: [2],
      values: Uint8Array.of(1, 0),
      scale: 1,
    });
    const reals = [1.5, -0.25];
    const f4 = parseNpy(npy(npyHeader("<f4", "(2, 1)"), bytesOf(Float32Array.from(reals))), "f");
    const f8 = parseNpy(npy(npyHeader("<f8", "(2, 1)"), bytesOf(Float64Array.from(reals))), "f");
    expect(f4).toEqual({ shape: [2, 1], values: Float32Array.from(reals), scale: 1 });
    expect(f8).toEqual(f4);
    const i4 = parseNpy(npy(npyHeader("<i4", "(2,)"), bytesOf(Int32Array.of(-7, 9))), "f");
    const i8 = parseNpy(npy(npyHeader("<i8", "(2,)"), bytesOf(BigInt64Array.of(-7n, 9n))), "f");
    expect(i4.values).toEqual(Int32Array.of(-7, 9));
    expect(i8.values).toEqual(i4.values);
  });

  it("reads big-endian numbers", () => {
    expect(parseNpy(npy(npyHeader(">f4", "(1,)"), [0x3f, 0xc0, 0, 0]), "f").values).toEqual(Float32Array.of(1.5));
    expect(parseNpy(npy(npyHeader(">u2", "(1,)"), [1, 2]), "f").values).toEqual(Int32Array.of(258));
    expect(parseNpy(npy(npyHeader(">i2", "(1,)"), [255, 255]), "f").values).toEqual(Int32Array.of(-1));
  });

  it("reads versions 2 and 3, whose header length has four bytes", () => {
    for (const version of [2, 3]) {
      expect(parseNpy(npy(npyHeader("|i1", "(3,)"), [255, 0, 1], version), "f").values).toEqual(
        Int32Array.of(-1, 0, 1),
      );
    }
  });

  it("reads the long extents of Python 2", () => {
    expect(parseNpy(npy(npyHeader("|u1", "(2L, 1L)"), [3, 4]), "f").shape).toEqual([2, 1]);
  });

  const structured = "{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (1,), }";
  it.each([
    ["another format", new TextEncoder().encode("PK zipped"), /^a\.npy: not an NPY file/],
    ["version 9", npy(npyHeader("|u1", "(1,)"), [1], 9), /^a\.npy: not an NPY file of version 1, 2 or 3/],
    [
      "complex numbers",
      npy(npyHeader("<c8", "(1,)"), count(8)),
      /^a\.npy: NPY dtype <c8 is not supported: save .*uint8/,
    ],
    ["Python objects", npy(npyHeader("|O", "(1,)"), count(8)), /^a\.npy: NPY dtype \|O is not supported/],
    ["records", npy(structured, count(4)), /^a\.npy: NPY dtype \[\('x', '<f4'\)\].* is not supported/],
    [
      "Fortran order",
      npy(npyHeader("<f4", "(2, 2)", "True"), count(16)),
      /^a\.npy: NPY array in Fortran order: save numpy/,
    ],
    ["a header without a shape", npy("{'descr': '<f4', 'fortran_order': False}", []), /^a\.npy: NPY header damaged/],
    [
      "a cut header",
      npy(npyHeader("|u1", "(1,)"), []).subarray(0, 40),
      /^a\.npy: NPY header cut short: the file has only 40/,
    ],
    ["a cut magic string", npy(npyHeader("|u1", "(1,)"), []).subarray(0, 8), /^a\.npy: NPY header cut short/],
    [
      "cut data",
      npy(npyHeader("<f4", "(2, 2)"), count(15)),
      /^a\.npy: data cut short: 2 x 2 values of type f32 are 16 bytes, the file has 15/,
    ],
    ["trailing bytes", npy(npyHeader("|u1", "(2,)"), count(3)), /^a\.npy: data followed by something else/],
    ["no rows", npy(npyHeader("|u1", "(0, 784)"), []), /^a\.npy: holds no data \(its shape is 0 x 784\)/],
    ["a size beyond all memory", npy(npyHeader("|u1", "(99999999999, 99999999999)"), [1]), /^a\.npy: data cut short/],
    [
      "numbers above 32 bits",
      npy(npyHeader("<i8", "(1,)"), bytesOf(BigInt64Array.of(2n ** 40n))),
      /^a\.npy: value 1099511627776 at index 0/,
    ],
  ])("refuses %s", (_, bytes, message) => {
    expect(() => parseNpy(bytes, "a.npy")).toThrow(DataError);
    expect(() => parseNpy(bytes, "a.npy")).toThrow(message);
  });
});

describe("encodeNpy", () => {
  it("is read back as it was", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), (rows, columns) => {
        const values = Float32Array.from({ length: rows * columns }, (_, i) => i / 3);
        expect(parseNpy(encodeNpy(values, [rows, columns]), "f")).toEqual({ shape: [rows, columns], values, scale: 1 });
      }),
    );
  });

  it("writes what NumPy writes", () => {
    const bytes = encodeNpy(Float32Array.of(1, 2), [2]);
    expect(bytes.length).toBe(128 + 8);
    expect(new TextDecoder("latin1").decode(bytes.subarray(0, 128))).toBe(
      `\u0093NUMPY\u0001\u0000v\u0000${"{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }".padEnd(117)}\n`,
    );
  });

  it("refuses a shape that does not fit", () => {
    expect(() => encodeNpy(new Float32Array(5), [2, 3])).toThrow("NPY: shape 2 x 3 needs 6 values, got 5");
  });
});
