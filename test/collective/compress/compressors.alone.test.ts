/** Compressors: what every one must be, what half precision is, and those of users. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { type AskedChoice, optionsOf } from "../../../src/choice.js";
import type { Compressor, CompressorRun } from "../../../src/collective/compress/compressor.js";
import { COMPRESSORS, compressors, loadCompressor } from "../../../src/collective/compress/compressors.js";
import { fromFloat16, toFloat16 } from "../../../src/program/float16.js";

const vectors = fc.float32Array({ minLength: 1, maxLength: 40 });

/** The whole vector as one tensor of one row. */
const runOf = (length: number): CompressorRun => ({
  ...{ length, parts: 2, seed: 1 },
  tensors: [{ name: "weight", rows: 1, columns: length, offset: 0 }],
});

const makeOne = (name: string, length = 1): Compressor => compressors.get(name).make({}, runOf(length)) as Compressor;

/** All exchanges of one part: the bytes of each, and what they come to. */
function sent(compressor: Compressor, vector: Float32Array) {
  const { phases = 1, local = [], global = [], aggregate, expand } = compressor;
  const { length } = vector;
  const zeros = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, new Float32Array(length)]));
  const shared = zeros(global.map(({ name }) => name));
  for (const { name, initial } of global) initial?.(shared[name]);
  const all: Uint8Array[] = [];
  let numbers = new Float32Array(length);
  for (let phase = 0; phase < phases; phase++) {
    const memory = new Uint8Array(compressor.bytes(length, phase)).fill(0xaa);
    const context = { phase, part: 0, step: 0, local: zeros(local), global: shared };
    all.push(memory.slice(0, compressor.encode(vector, memory, context)));
    numbers = new Float32Array(compressor.elements?.(length, phase) ?? length).fill(7);
    compressor.decode(all[phase], numbers, phase);
    aggregate?.(numbers, { phase, global: shared });
  }
  const out = new Float32Array(length);
  if (expand) expand(numbers, out, shared);
  else out.set(numbers);
  return { bytes: all, out };
}

const through = (compressor: Compressor, vector: Float32Array): Float32Array => sent(compressor, vector).out;

describe.each(COMPRESSORS.filter((name) => name !== "none"))("%s", (name) => {
  it("needs at most 4 bytes an element, and not more than it says", () => {
    fc.assert(
      fc.property(vectors, (vector) => {
        const compressor = makeOne(name, vector.length);
        for (const [phase, { length }] of sent(compressor, vector).bytes.entries()) {
          const most = compressor.bytes(vector.length, phase);
          expect([most <= 4 * vector.length, length >= 1, length <= most]).toEqual([true, true, true]);
        }
      }),
    );
  });

  it("gives the same bits every time, and a number that is not finite if an element is not", () => {
    fc.assert(
      fc.property(vectors, (vector) => {
        const compressor = makeOne(name, vector.length);
        const out = through(compressor, vector);
        expect(through(makeOne(name, vector.length), vector)).toEqual(out);
        if (!vector.every(Number.isFinite)) expect(out.every(Number.isFinite)).toBe(false);
      }),
    );
  });

  it("does not change what it encodes", () => {
    const vector = Float32Array.of(1, 2.000_001, -1e-9, 7e30);
    const before = vector.slice();
    sent(makeOne(name, vector.length), vector);
    expect(vector).toEqual(before);
  });

  it("has no options but its own", () => {
    expect(() => compressors.get(name).make({ bits: 8 }, runOf(1))).toThrow(
      /^compressor \w+( has no options, got "bits"|: unknown option "bits")/,
    );
  });
});

describe("f16", () => {
  const f16 = makeOne("f16");
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
});

describe("a compressor by name or by module", () => {
  const madeOf = async (choice: AskedChoice) => (await loadCompressor(choice))(optionsOf(choice), runOf(1));
  const folder = mkdtemp(join(tmpdir(), "dawnpour-compressors-"));
  afterAll(async () => rm(await folder, { recursive: true }));

  it("is undefined where contributions are sent as they are", async () => {
    expect(await madeOf("none")).toBeUndefined();
    expect((await madeOf("f16"))?.name).toBe("f16");
    await expect(loadCompressor("f61")).rejects.toThrow('unknown compressor "f61": did you mean "f16"?');
  });

  it("is a user's own, added under a name with a slash", async () => {
    const half = makeOne("f16");
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
