/** The files of `npm pack`: all that the package needs to work, and documents whose links stay within the package. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";

const [{ files }] = JSON.parse(
  execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], { encoding: "utf8", stdio: "pipe" }),
) as [{ files: { path: string }[] }];
const packed = new Set(files.map(({ path }) => path));
const isPacked = (path: string): boolean =>
  packed.has(path) || [...packed].some((file) => file.startsWith(`${path.replace(/\/$/, "")}/`));

/** GitHub's: lower case, without punctuation, with hyphens for spaces. */
const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replace(/\s/g, "-");

function links(document: string): { readonly path: string; readonly fragment?: string }[] {
  const text = readFileSync(document, "utf8").replace(/```[\s\S]*?```/g, "");
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target);
  return targets
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [path, fragment] = target.split("#");
      return { path: path === "" ? document : normalize(join(dirname(document), path)), fragment };
    });
}

describe("the package", () => {
  const documents = [...packed].filter((path) => path.endsWith(".md"));

  it("has its documents and examples", () => {
    expect(documents).toEqual(expect.arrayContaining(["README.md", "CONTRIBUTING.md", "docs/distributed.md"]));
    expect(isPacked("examples/train-digits.mjs")).toBe(true);
  });

  it.each(documents)("has all that %s links to", (document) => {
    for (const { path, fragment } of links(document)) {
      expect(isPacked(path), `${document} links to ${path}`).toBe(true);
      if (fragment === undefined) continue;
      const headings = [...readFileSync(path, "utf8").matchAll(/^#+ (.*)$/gm)].map(([, heading]) => anchor(heading));
      expect(headings, `${document} links to ${path}#${fragment}`).toContain(fragment);
    }
  });

  it("has what its entry points name, and the sources of its maps", () => {
    const { exports: entries, bin } = JSON.parse(readFileSync("package.json", "utf8"));
    const named = [...Object.values(entries), bin.dawnpour].flatMap((entry) =>
      typeof entry === "string" ? [entry] : Object.values(entry as Record<string, string>),
    );
    for (const path of named.filter((name) => !name.includes("*"))) expect(isPacked(normalize(path)), path).toBe(true);
    const map = JSON.parse(readFileSync("dist/index.js.map", "utf8"));
    expect(map.sourcesContent?.[0]).toContain("export");
  });

  it("has no tests, no results of benchmarks and no secrets of the machine that packed it", () => {
    const odd = [...packed].filter((path) => /^(test|runs|build|\.|bench\/results)/.test(path));
    expect(odd).toEqual([]);
  });
});
