import fc from "fast-check";
import { expect, it } from "vitest";
import { brief, DawnpourError, nearest, unknownWord } from "../src/error.js";

it.each([
  ["sigmod", ["relu", "sigmoid"], "sigmoid"],
  ["CPUU", ["cpu", "webgpu"], "cpu"],
  // A longer word that contains the given one comes before a word that is spelt alike.
  ["gpu", ["cpu", "webgpu"], "webgpu"],
  ["e", ["relu", "abcdef"], undefined],
  ["shot", ["hinton", "hinton2006"], undefined],
  ["hinto", ["hinton", "hinton2006"], "hinton"],
])("the word nearest to %s among %s is %s", (word, known, near) => {
  expect(nearest(word, known)).toBe(near);
});

it("a message is one line of bounded length, whatever it quotes", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 10_000, size: "max" }), (text) => {
      const { message } = new DawnpourError(`it holds ${text}: give another`);
      expect(message.length).toBeLessThan(2100);
      expect(message).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
      expect(message).toMatch(/^it holds.*: give another$/);
    }),
  );
});

it("an unknown word of any length is quoted in part, at once", () => {
  expect(unknownWord("key", "x".repeat(1e7), ["batch"]).message).toBe(
    `unknown key "${"x".repeat(120)}"... (9999880 more): use one of batch`,
  );
});

/** The title has the quotation only: to print a long value takes minutes. */
it.each<[text: string, value: unknown]>([
  ['"text"', "text"],
  ['"two\\nlines"', "two\nlines"],
  ["[36,12,3]", [36, 12, 3]],
  ['{"epochs":5}', { epochs: 5 }],
  ["NaN", Number.NaN],
  ["undefined", undefined],
  ["a Float32Array of 200000000 bytes", new Float32Array(50_000_000)],
  ["[0,1,2,3,4,5,6,7,... 992 more]", Array.from({ length: 1000 }, (_, i) => i)],
  ['{"train":{"images":{...}}}', { train: { images: { deep: [1] } } }],
])("a value is quoted in short: %s", (text, value) => {
  expect(brief(value)).toBe(text);
});
