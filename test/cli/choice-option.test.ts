/** Choices as the command line takes them. */
import { expect, it } from "vitest";
import { parseChoice, parseCompared, parseShortChoice } from "../../src/cli/choice-option.js";
import { mainOption } from "../../src/collective/compress/compressors.js";

it.each([
  ["topk:0.01", { name: "topk", options: { share: 0.01 } }],
  ["topk:0.01,momentum=0.9", { name: "topk", options: { share: 0.01, momentum: 0.9 } }],
  ["topk:share=0.01", { name: "topk", options: { share: 0.01 } }],
  ["powersgd:4", { name: "powersgd", options: { rank: 4 } }],
  ["topk", "topk"],
  // There is no main option: the name is looked up as it stands, and is not known.
  ["f16:2", "f16:2"],
  ["nothing:0.5", "nothing:0.5"],
])("%s has its main option without a key", (text, choice) => {
  expect(parseShortChoice(text, mainOption)).toEqual(choice);
});

it("a path is no main option", () => {
  expect(parseShortChoice("file:///a/b.js:x=1", mainOption)).toEqual(parseChoice("file:///a/b.js:x=1"));
});

it.each([
  ["synchronous", "synchronous"],
  ["synchronous+topk:0.01", { strategy: "synchronous", compress: { name: "topk", options: { share: 0.01 } } }],
  ["local-sgd:H=4+f16", { strategy: { name: "local-sgd", options: { H: 4 } }, compress: "f16" }],
  ["admm:rho=1e+3", { name: "admm", options: { rho: 1000 } }],
])("%s is a strategy, with a compressor behind a plus", (text, choice) => {
  expect(parseCompared(text, mainOption)).toEqual(choice);
});
