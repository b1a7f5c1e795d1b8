import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesInMemory } from "../../../src/data/formats/format.js";
import { encodeNpy, NPY } from "../../../src/data/formats/npy.js";
import { DataError } from "../../../src/error.js";
import { bytesOf, count, npy, npyHeader } from "../files.js";
import { readAll } from "./read.js";

const parse = (bytes: Uint8Array, file = "f") => readAll(NPY, bytes, file);

describe("NPY", () => {
  it("reads bytes, bools, whole and real numbers", async () => {
    expect(await parse(npy(npyHeader("|u1", "(2, 3)"), count(6)))).toEqual({
      shape: [2, 3],
      values: count(6),
      type: "uint8",
    });
    expect(await parse(npy(npyHeader("|b1", "(2,)"), [1, 0]))).toEqual({
      shape: [2],
      values: Uint8Array.of(1, 0),
      type: "bool",
    });
    const reals = Float32Array.of(1.5, -0.25);
    const real = async (type: string, bytes: Uint8Array) => (await parse(npy(npyHeader(type, "(2, 1)"), bytes))).values;
    expect(await real("<f2", Uint8Array.of(0, 0x3e, 0, 0xb4))).toEqual(reals);
    expect(await real("<f4", bytesOf(reals))).toEqual(reals);
    expect(await real("<f8", bytesOf(Float64Array.from(reals)))).toEqual(reals);
    const whole = Int32Array.of(7, 9);
    expect(await real("<i4", bytesOf(whole))).toEqual(whole);
    expect(await real("<u4", bytesOf(whole))).toEqual(whole);
    expect(await real("<i8", bytesOf(BigInt64Array.of(7n, 9n)))).toEqual(whole);
    expect(await real("<u8", bytesOf(BigInt64Array.of(7n, 9n)))).toEqual(whole);
    expect(await real("<i8", bytesOf(BigInt64Array.of(-7n, 2n ** 40n)))).toEqual(Float32Array.of(-7, 2 ** 40));
    expect(await real("<u4", Uint8Array.of(0, 0, 0, 255, 1, 0, 0, 0))).toEqual(Float32Array.of(0xff000000, 1));
  });

  it("reads big-endian numbers", async () => {
    const one = async (type: string, bytes: number[]) => (await parse(npy(npyHeader(type, "(1,)"), bytes))).values;
    expect(await one(">f4", [0x3f, 0xc0, 0, 0])).toEqual(Float32Array.of(1.5));
    expect(await one(">u2", [1, 2])).toEqual(Int32Array.of(258));
    expect(await one(">i2", [255, 255])).toEqual(Int32Array.of(-1));
  });

  it("turns arrays in Fortran order round, all of them and some of their rows", async () => {
    // Value at [i, j, k] is 100 i + 10 j + k; in the file the first index changes fastest.
    const stored: number[] = [];
    for (let k = 0; k < 2; k++)
      for (let j = 0; j < 3; j++) for (let i = 0; i < 4; i++) stored.push(100 * i + 10 * j + k);
    const bytes = npy(npyHeader("<f4", "(4, 3, 2)", "True"), bytesOf(Float32Array.from(stored)));
    const rows = [0, 1, 2, 3].map((i) => [0, 1, 10, 11, 20, 21].map((rest) => 100 * i + rest));
    expect((await parse(bytes)).values).toEqual(Float32Array.from(rows.flat()));
    const [array] = await NPY.open(bytesInMemory(bytes), "f", {});
    expect(await array.rows(1, 3)).toEqual(Float32Array.from([...rows[1], ...rows[2]]));
  });

  it("reads versions 2 and 3, whose header length has four bytes", async () => {
    for (const version of [2, 3]) {
      const { values } = await parse(npy(npyHeader("|i1", "(3,)"), [255, 0, 1], version));
      expect(values).toEqual(Int32Array.of(-1, 0, 1));
    }
  });

  it("reads the long extents of Python 2", async () => {
    expect((await parse(npy(npyHeader("|u1", "(2L, 1L)"), [3, 4]))).shape).toEqual([2, 1]);
  });

  const structured = "{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (1,), }";
  it.each([
    ["another format", new TextEncoder().encode("PK zipped"), /^a\.npy: not an NPY file/],
    ["version 9", npy(npyHeader("|u1", "(1,)"), [1], 9), /^a\.npy: not an NPY file of version 1, 2 or 3/],
    [
      "complex numbers",
      npy(npyHeader("<c8", "(1,)"), count(8)),
      /^a\.npy: NPY dtype <c8 is not plain numbers: a = numpy.load\("a.npy"\); .*stack\(\[a.real, a.imag\], -1\)/,
    ],
    [
      "Python objects",
      npy(npyHeader("|O", "(1,)"), count(8)),
      /^a\.npy: NPY dtype \|O is not plain numbers: .*allow_pickle=True\); numpy.save/,
    ],
    [
      "records",
      npy(structured, count(4)),
      /^a\.npy: NPY dtype \[\('x', '<f4'\)\].* is not plain numbers: .*structured_to_unstructured/,
    ],
    ["strings", npy(npyHeader("<U5", "(1,)"), count(20)), /^a\.npy: NPY dtype <U5 .*numpy.unique/],
    [
      "extended precision",
      npy(npyHeader("<f16", "(1,)"), count(16)),
      /^a\.npy: NPY dtype <f16 .*a.astype\("float32"\)/,
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
      /^a\.npy: data cut short: 2 x 2 values of type float32 are 16 bytes, the file has 15/,
    ],
    ["trailing bytes", npy(npyHeader("|u1", "(2,)"), count(3)), /^a\.npy: data followed by something else/],
    ["no rows", npy(npyHeader("|u1", "(0, 784)"), []), /^a\.npy: holds no rows \(its shape is 0 x 784\)/],
    ["a size beyond all memory", npy(npyHeader("|u1", "(99999999999, 99999999999)"), [1]), /^a\.npy: data cut short/],
  ])("refuses %s", async (_, bytes, message) => {
    await expect(parse(bytes, "a.npy")).rejects.toThrow(DataError);
    await expect(parse(bytes, "a.npy")).rejects.toThrow(message);
    // Fractions cannot become bytes.
    await expect(parse(bytes, "a.npy")).rejects.not.toThrow('astype("uint8")');
  });
});

describe("encodeNpy", () => {
  it("is read back as it was", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), async (rows, columns) => {
        const values = Float32Array.from({ length: rows * columns }, (_, i) => i / 3);
        expect(await parse(encodeNpy(values, [rows, columns]))).toEqual({
          shape: [rows, columns],
          values,
          type: "float32",
        });
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
