import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { EMBEDDED, shaderModule } from "../../../shaders/embed.mjs";

it("the module of shaders has the text of every file; if not, run npm run compile", async () => {
  expect(await readFile(EMBEDDED, "utf8")).toBe(await shaderModule());
});
