import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeSafetensors,
  encodeSafetensors,
  type NamedTensor,
  type TensorType,
} from "../../src/checkpoint/safetensors.js";
import { ARRAYS } from "../../src/checkpoint/tensor.js";
import { DataError, DawnpourError } from "../../src/error.js";

const join = (parts: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

/** A file with this header, valid or not, and `size` zeros after it. */
function file(header: string | Uint8Array, size = 0): Uint8Array {
  const bytes = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(bytes.length), true);
  return join([length, bytes, new Uint8Array(size)]);
}

const entry = (dtype: string, shape: number[], start: number, end: number) =>
  JSON.stringify({ dtype, shape, data_offsets: [start, end] });

/** Made by version 0.8.0 of the Python library, `safetensors.numpy.save`. */
const PYTHON_FILE = Buffer.from(
  "WAEAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJmb3JtYXQiOiJucCJ9LCJzY2FsYXIiOnsiZHR5cGUiOiJGNjQiLCJzaGFwZSI6W10sImRhdGFfb2Zm" +
    "c2V0cyI6WzAsOF19LCJlbmNvZGVyLjAuYmlhcyI6eyJkdHlwZSI6IkYzMiIsInNoYXBlIjpbMF0sImRhdGFfb2Zmc2V0cyI6WzgsOF19LCJlbmNv" +
    "ZGVyLjAud2VpZ2h0Ijp7ImR0eXBlIjoiRjMyIiwic2hhcGUiOlsyLDNdLCJkYXRhX29mZnNldHMiOls4LDMyXX0sImNvdW50cyI6eyJkdHlwZSI6" +
    "IlUzMiIsInNoYXBlIjpbMl0sImRhdGFfb2Zmc2V0cyI6WzMyLDQwXX0sImJ5dGVzIjp7ImR0eXBlIjoiVTgiLCJzaGFwZSI6WzVdLCJkYXRhX29m" +
    "ZnNldHMiOls0MCw0NV19ff///////z9DAADAPwAAAMAAAIB/AAAAAPiJAwAAAOBAAQAAAP////8AAQIDBA==",
  "base64",
);

/** The same tensors. */
const TENSORS: NamedTensor[] = [
  { name: "scalar", dtype: "F64", shape: [], data: Float64Array.of(2 ** 53 - 1) },
  { name: "encoder.0.bias", dtype: "F32", shape: [0], data: new Float32Array(0) },
  {
    name: "encoder.0.weight",
    dtype: "F32",
    shape: [2, 3],
    data: Float32Array.of(1.5, -2, Number.POSITIVE_INFINITY, 0, 3.25e-40, 7),
  },
  { name: "counts", dtype: "U32", shape: [2], data: Uint32Array.of(1, 2 ** 32 - 1) },
  { name: "bytes", dtype: "U8", shape: [5], data: Uint8Array.of(0, 1, 2, 3, 4) },
];

const aTensor = fc
  .record({
    name: fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("0", "17", "__proto__", "a\nb", 'a":"b', "\\", "ä:{}"),
    ),
    dtype: fc.constantFrom(...(Object.keys(ARRAYS) as TensorType[])),
    shape: fc.array(fc.nat(4), { maxLength: 3 }),
    seed: fc.nat(),
  })
  .map(({ name, dtype, shape, seed }): NamedTensor => {
    const length = shape.reduce((a, b) => a * b, 1);
    const bytes = Uint8Array.from(
      { length: length * ARRAYS[dtype].BYTES_PER_ELEMENT },
      (_, i) => (seed + i * 37) % 251,
    );
    return { name, dtype, shape, data: new ARRAYS[dtype](bytes.buffer) };
  });
const someTensors = fc.uniqueArray(aTensor, { selector: ({ name }) => name, maxLength: 6 });
const someMetadata = fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true });

/** Bit patterns, so that NaN equals itself. */
const content = (tensors: Iterable<NamedTensor>) =>
  Object.fromEntries(
    [...tensors].map(({ name, dtype, shape, data }) => [
      `tensor ${name}`,
      { dtype, shape, bytes: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("hex") },
    ]),
  );
const named = (decoded: ReturnType<typeof decodeSafetensors>) =>
  [...decoded.tensors].map(([name, tensor]) => ({ name, ...tensor }));

describe("safetensors", () => {
  it("reads and writes the Python library's bytes", () => {
    const decoded = decodeSafetensors(PYTHON_FILE, "python");
    expect(named(decoded)).toEqual(TENSORS);
    expect(decoded.metadata).toEqual({ format: "np" });
    // The library also pads the header with spaces to a multiple of 8, so the whole files are equal.
    expect(Buffer.concat(encodeSafetensors(TENSORS, { format: "np" }))).toEqual(PYTHON_FILE);
  });

  it("gives back what was put in", () => {
    fc.assert(
      fc.property(someTensors, someMetadata, fc.nat(7), (tensors, metadata, shift) => {
        const bytes = join(encodeSafetensors(tensors, metadata));
        const shifted = new Uint8Array(bytes.length + shift).subarray(shift);
        shifted.set(bytes);
        const decoded = decodeSafetensors(shifted, "file");
        expect(content(named(decoded))).toEqual(content(tensors));
        expect(decoded.metadata).toEqual(metadata);
      }),
    );
  });

  it("aligns the numbers, and copies them neither when writing nor when reading", () => {
    const odd = { name: "odd", dtype: "U8", shape: [3], data: new Uint8Array(3) } as const;
    const wide = { name: "wide", dtype: "F64", shape: [2], data: new Float64Array(2) } as const;
    const parts = encodeSafetensors([odd, wide]);
    expect(parts[0].length % 8).toBe(0);
    expect(parts.slice(1).map((part) => part.buffer)).toEqual([wide.data.buffer, odd.data.buffer]);
    const bytes = join(parts);
    for (const { data } of decodeSafetensors(bytes, "file").tensors.values()) {
      expect(data.buffer).toBe(bytes.buffer);
    }
  });

  it("holds no tensors at all", () => {
    expect(decodeSafetensors(join(encodeSafetensors([])), "file").tensors.size).toBe(0);
  });

  it("refuses to write what could not be read", () => {
    const one = { name: "a", dtype: "F32", shape: [1], data: Float32Array.of(1) } as const;
    expect(() => encodeSafetensors([one, one])).toThrow('no tensor can be named "a": another tensor has this name');
    expect(() => encodeSafetensors([{ ...one, name: "__metadata__" }])).toThrow("the format keeps this name");
    expect(() => encodeSafetensors([{ ...one, shape: [2] }])).toThrow(
      new DawnpourError('safetensors: tensor "a" is F32 [2], got 1 numbers of Float32Array'),
    );
    expect(() => encodeSafetensors([{ ...one, dtype: "U32" }])).toThrow("is U32 [1], got 1 numbers of Float32Array");
  });

  it.each<[string, Uint8Array, string]>([
    ["no header", new Uint8Array(7), "it has 7 bytes, too few for a header"],
    [
      "huge header",
      join([new Uint8Array(8).fill(255)]),
      "its header would be 18446744073709551615 bytes, the limit is",
    ],
    ["cut header", file("{}   ").subarray(0, 12), "its header should end at byte 13, the file ends at 12"],
    ["not JSON", file("{"), "its header is not JSON"],
    ["not UTF-8", file(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d)), "its header is not JSON"],
    ["byte order mark", file("\ufeff{}"), "its header is not JSON"],
    ["leading space", file(" {}"), "its header is not a JSON object"],
    ["array", file("[]"), "its header is not a JSON object"],
    ["null", file("null"), "its header is not a JSON object"],
    ["entry not an object", file('{"a":null}'), 'its header\'s entry "a" is wrong'],
    ["unknown key", file('{"a":{"dtype":"U8","shape":[],"data_offsets":[0,1],"x":1}}', 1), 'entry "a" is wrong'],
    ["negative extent", file(`{"a":${entry("U8", [-1], 0, 1)}}`, 1), 'entry "a" is wrong: shape: 0: '],
    ["fractional offset", file(`{"a":${entry("U8", [1], 0, 1.5)}}`, 1), 'entry "a" is wrong: data_offsets: 1: '],
    ["metadata a list", file('{"__metadata__":["a"]}'), "it must map text to text"],
    ["metadata not text", file('{"__metadata__":{"a":1}}'), 'entry "__metadata__" is wrong: it must map text to text'],
    ["unread type", file(`{"a":${entry("C64", [1], 0, 8)}}`, 8), 'tensor "a" is of type C64 (supported: F64, I64,'],
    ["inherited type", file(`{"a":${entry("toString", [1], 0, 2)}}`, 2), "is of type toString"],
    ["wrong size", file(`{"a":${entry("F32", [2], 0, 4)}}`, 4), 'tensor "a", F32 [2], takes 8 bytes, got 4'],
    [
      "overflowing size",
      file(`{"a":${entry("U8", [2 ** 50, 2 ** 50], 0, 4)}}`, 4),
      "takes 1.2676506002282294e+30 bytes",
    ],
    [
      "backward offsets",
      file(`{"a":${entry("U8", [0], 0, 0)},"b":${entry("U8", [1], 1, 0)}}`, 1),
      'tensor "b" starts at 1',
    ],
    [
      "gap at the start",
      file(`{"a":${entry("U8", [1], 1, 2)}}`, 2),
      'tensor "a" starts at 1, the one before it ends at 0',
    ],
    [
      "gap",
      file(`{"a":${entry("U8", [1], 0, 1)},"b":${entry("U8", [1], 2, 3)}}`, 3),
      'tensor "b" starts at 2, the one before it ends at 1',
    ],
    [
      "overlap",
      file(`{"a":${entry("U8", [2], 0, 2)},"b":${entry("U8", [2], 1, 3)}}`, 3),
      'tensor "b" starts at 1, the one before it ends at 2',
    ],
    ["cut data", file(`{"a":${entry("U8", [9], 0, 9)}}`, 8), "the file ends at"],
    ["bytes left over", file(`{"a":${entry("U8", [1], 0, 1)}}`, 3), "2 bytes follow the last tensor"],
    ["name twice", file(`{"a":${entry("U8", [1], 0, 1)},"a":${entry("U8", [1], 0, 1)}}`, 1), "the same key twice"],
    ["key twice", file('{"a":{"dtype":"U8","dtype":"U8","shape":[0],"data_offsets":[0,0]}}'), "the same key twice"],
    ["metadata twice", file('{"__metadata__":{"a:":"\\":","a:":""}}'), "the same key twice"],
  ])("refuses a damaged file: %s", (_, bytes, message) => {
    const decode = () => decodeSafetensors(bytes, "model.safetensors");
    expect(decode).toThrow(DataError);
    expect(decode).toThrow(/^"model.safetensors" is not a sound safetensors file: [^\n]+$/);
    expect(decode).toThrow(message);
  });

  it("fails only with a DataError, whatever happens to the bytes", () => {
    const damaged = fc
      .tuple(
        someTensors,
        someMetadata,
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }),
        fc.option(fc.nat()),
      )
      .map(([tensors, metadata, changes, cut]) => {
        const bytes = join(encodeSafetensors(tensors, metadata));
        for (const [at, value] of changes) {
          bytes[at % bytes.length] = value;
        }
        return cut === null ? bytes : bytes.subarray(0, cut % bytes.length);
      });
    fc.assert(
      fc.property(fc.oneof(damaged, fc.uint8Array()), (bytes) => {
        try {
          decodeSafetensors(bytes, "file");
        } catch (error) {
          expect(error).toBeInstanceOf(DataError);
          expect((error as Error).message).not.toContain("\n");
        }
      }),
      { numRuns: 1000 },
    );
  });
});
