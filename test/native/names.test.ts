import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { GENERATED, namesHeader } from "../../native/generate.mjs";
import * as buffers from "../../src/program/buffer.js";
import * as ops from "../../src/program/op.js";

it("the generated header is that of the tables (npm run generate)", async () => {
  expect(await readFile(GENERATED, "utf8")).toBe(namesHeader({ ...ops, ...buffers }));
});
