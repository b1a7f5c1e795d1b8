import { expect, it } from "vitest";
import { nearest } from "../src/error.js";

it.each([
  ["sigmod", ["relu", "sigmoid"], "sigmoid"],
  ["CPUU", ["cpu", "webgpu"], "cpu"],
  // What people shorten, before what is spelt alike.
  ["gpu", ["cpu", "webgpu"], "webgpu"],
  ["e", ["relu", "abcdef"], undefined],
  ["shot", ["hinton", "hinton2006"], undefined],
  ["hinto", ["hinton", "hinton2006"], "hinton"],
])("the word nearest to %s among %s is %s", (word, known, near) => {
  expect(nearest(word, known)).toBe(near);
});
