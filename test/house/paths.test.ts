/** The rule of links and paths, in a small project. */
import { expect, it } from "vitest";
import { deadPaths } from "./paths.mjs";

const PROJECT: Readonly<Record<string, string>> = {
  "src/data/scale.ts": "// As native/cpu/pack.h.\n",
  "native/cpu/pack.h": "",
  "docs/data.md": "# Data\n\n## Rows, and `labels`\n",
  "README.md":
    "[data](docs/data.md), [rows](docs/data.md#rows-and-labels), [docs](docs), `data/scale.ts`, https://x.org\n",
};

function dead(changes: Readonly<Record<string, string>>): string[] {
  const texts = new Map(Object.entries({ ...PROJECT, ...changes }));
  return deadPaths(texts, new Set(texts.keys())).map(({ message }) => message);
}

it("finds nothing where every name leads to a file", () => {
  expect(dead({ "bench/README.md": "`bench/NAME.mjs` and [x](https://x.org/a#b)\n" })).toEqual([]);
});

it.each([
  ["a link to a page", "README.md", "[a](docs/none.md)", "docs/none.md"],
  ["a link to a heading", "README.md", "[a](docs/data.md#row)", "docs/data.md#row"],
  ["a heading of the page itself", "docs/data.md", "[a](#none)", "#none"],
  ["a path within src", "README.md", "`data/none.ts`", "data/none.ts"],
  ["a path in a comment", "native/cpu/pack.h", "// See src/none.ts.", "src/none.ts"],
] as const)("refuses %s that is not there", (_, page, text, name) => {
  expect(dead({ [page]: text })).toContain(`${page}: names ${name}, which does not exist`);
});
