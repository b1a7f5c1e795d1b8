/** Compressors: what every one must be, what half precision is, and those of users. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { type AskedChoice, optionsOf } from "../../../src/choice.js";
import type { Compressor, CompressorRun, EncodeContext } from "../../../src/collective/compress/compressor.js";
import { compressors, loadCompressor } from "../../../src/collective/compress/compressors.js";
import { fromFloat16, toFloat16 } from "../../../src/program/float16.js";

const vectors = fc.float32Array({ minLength: 1, maxLength: 40 });

/** The whole vector as one tensor of one row. */
const runOf = (length: number): CompressorRun => ({
  ...{ length, parts: 2, seed: 1 },
  tensors: [{ name: "weight", rows: 1, columns: length, offset: 0 }],
});

const contextOf = ({ local = [], global = [] }: Compressor, length: number, phase = 0): EncodeContext => ({
  ...{ phase, part: 0, step: 0 },
  local: Object.fromEntries(local.map((name) => [name, new Float32Array(length)])),
  global: Object.fromEntries(global.map(({ name }) => [name, new Float32Array(length)])),
});

const through = (compressor: Compressor, vector: Float32Array): Float32Array => {
  const memory = new Uint8Array(compressor.bytes(vector.length, 0)).fill(0xaa);
  const used = compressor.encode(vector.slice(), memory, contextOf(compressor, vector.length));
  const out = new Float32Array(vector.length);
  compressor.decode(memory.slice(0, used), out, 0);
  return out;
};

const made = compressors.all().flatMap(({ make }) => make({}, runOf(1)) ?? []);

describe.each(made.map((compressor) => [compressor.name, compressor] as const))("%s", (_, compressor) => {
  it("needs at most 4 bytes an element, and not more than it says", () => {
    fc.assert(
      fc.property(vectors, (vector) => {
        const most = compressor.bytes(vector.length, 0);
        const used = compressor.encode(vector, new Uint8Array(most), contextOf(compressor, vector.length));
        expect([most <= 4 * vector.length, used <= most]).toEqual([true, true]);
      }),
    );
  });

  it("gives the same bits every time, and leaves what is not finite so", () => {
    fc.assert(
      fc.property(vectors, (vector) => {
        const out = through(compressor, vector);
        expect(through(compressor, vector)).toEqual(out);
        for (const [i, value] of vector.entries()) {
          if (!Number.isFinite(value)) expect(Number.isFinite(out[i])).toBe(false);
        }
      }),
    );
  });

  it("does not change what it encodes", () => {
    const vector = Float32Array.of(1, 2.000_001, -1e-9, 7e30);
    const before = vector.slice();
    const memory = new Uint8Array(compressor.bytes(vector.length, 0));
    compressor.encode(vector, memory, contextOf(compressor, vector.length));
    expect(vector).toEqual(before);
  });
});

describe("f16", () => {
  const [f16] = made.filter(({ name }) => name === "f16");
  const LARGEST = 65504;

  it("is the nearest half, and the largest one beyond", () => {
    fc.assert(
      fc.property(vectors, (vector) => {
        const expected = vector.map((value) => {
          const size = Number.isFinite(value) ? Math.max(-LARGEST, Math.min(LARGEST, value)) : value;
          return fromFloat16(toFloat16(size));
        });
        expect(through(f16, vector)).toEqual(expected);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([0, -0, 2 ** -24, 2 ** -25, 3 * 2 ** -25, 2 ** -14, 2 ** -14 - 2 ** -25, 1 + 2 ** -11, 1 + 3 * 2 ** -11])(
    "rounds %f as it should be",
    (value) => {
      expect(through(f16, Float32Array.of(value))[0]).toBe(fromFloat16(toFloat16(value)));
    },
  );

  it("has no options", () => {
    expect(() => compressors.get("f16").make({ bits: 8 }, runOf(1))).toThrow(
      'compressor f16 has no options, got "bits"',
    );
  });
});

describe("a compressor by name or by module", () => {
  const madeOf = async (choice: AskedChoice) => (await loadCompressor(choice))(optionsOf(choice), runOf(1));
  const folder = mkdtemp(join(tmpdir(), "dawnpour-compressors-"));
  afterAll(async () => rm(await folder, { recursive: true }));

  it("is undefined where contributions travel as they are", async () => {
    expect(await madeOf("none")).toBeUndefined();
    expect((await madeOf("f16"))?.name).toBe("f16");
    await expect(loadCompressor("f61")).rejects.toThrow('unknown compressor "f61": did you mean "f16"?');
  });

  it("is a user's own, added under a name with a slash", async () => {
    const half = compressors.get("f16").make({}, runOf(1)) as Compressor;
    compressors.add({ name: "test/half", make: () => ({ ...half, name: "test/half" }) });
    expect((await madeOf("test/half"))?.name).toBe("test/half");
  });

  it("is what the page on strategies shows", async () => {
    const page = await readFile(new URL("../../../docs/strategies.md", import.meta.url), "utf8");
    const [, code] = /```js\n(\/\*\* The sign of each[^`]*)```/.exec(page) ?? [];
    const file = join(await folder, "signs.mjs");
    await writeFile(file, code);
    const signs = (await madeOf({ module: pathToFileURL(file) })) as Compressor;
    expect(through(signs, Float32Array.of(3, -1, 0, -4))).toEqual(Float32Array.of(2, -2, 2, -2));
    expect(through(signs, Float32Array.of(3, Number.NaN))).toEqual(Float32Array.of(Number.NaN, Number.NaN));
  });

  it("is the default export of a module, which is given the options", async () => {
    const file = join(await folder, "mine.mjs");
    await writeFile(file, 'export default ({ keep }) => ({ name: "mine " + keep });');
    const module = pathToFileURL(file);
    expect((await madeOf({ module, options: { keep: 3 } }))?.name).toBe("mine 3");
    await writeFile(join(await folder, "bare.mjs"), "export const compressor = 1;");
    await expect(loadCompressor({ module: new URL("bare.mjs", module) })).rejects.toThrow(
      /has no function as its default export \(it exports compressor\): write "export default function \(options\)/,
    );
  });
});
