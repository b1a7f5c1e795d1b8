import { expect, it } from "vitest";
import { shortage } from "../../src/world/disk-error.js";

const withCode = (code: string): Error => Object.assign(new Error("refused"), { code });

it.each([
  [withCode("EMFILE"), /too many files are open; raise the limit \(ulimit -n\)/],
  [withCode("ENOMEM"), /memory is used up; .*\(ulimit -v\)/],
  [new RangeError("Array buffer allocation failed"), /memory is used up/],
  [new Error("std::bad_alloc"), /memory is used up/],
  [new RangeError("WebAssembly.Instance(): Out of memory: Cannot allocate Wasm memory"), /memory is used up/],
])("%s is what the system has too little of", (error, meaning) => {
  expect(shortage(error)).toMatch(meaning);
});

it.each([[withCode("ENOENT")], [new TypeError("x is not a function")], ["text"]])("%s is something else", (error) => {
  expect(shortage(error)).toBeUndefined();
});
