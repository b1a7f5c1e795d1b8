/**
 * Every `@example` in src compiles as a program of a user who has installed the package, and runs. If every `console.log` has a
 * comment after it, the example prints the text of these comments. Examples with `no-run` need a browser and are only compiled.
 */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

interface Example {
  /** The name of an example, such as `train.ts`. Several examples of one file are numbered. */
  readonly name: string;
  readonly code: string;
  readonly runs: boolean;
}

/** Files with the names for which readers first look for an example. */
const ENTRIES = [
  ...["index.ts", "distributed.ts", "training/trainer.ts", "training/trained.ts", "training/fit/fit.ts"],
  ...["device/open.ts", "program/program.ts", "actor/system.ts", "transport/node.ts", "world/simulated/world.ts"],
];

async function examples(): Promise<Example[]> {
  const paths = (await readdir("src", { recursive: true })).filter((path) => path.endsWith(".ts")).sort();
  const found = await Promise.all(paths.map(async (path) => inFile(path, await readFile(join("src", path), "utf8"))));
  return found.flat();
}

function inFile(path: string, text: string): Example[] {
  const blocks = [...text.matchAll(/^( *\* )@example\n\1```ts( no-run)?\n([\s\S]*?)^\1```$/gm)];
  return blocks.map(([, margin, noRun, lines], i) => ({
    name: blocks.length > 1 ? `${path} ${i + 1}` : path,
    code: lines.replaceAll(new RegExp(`^${margin.trimEnd().replace("*", "\\*")} ?`, "gm"), ""),
    runs: noRun === undefined,
  }));
}

const all = await examples();
const folder = mkdtempSync(join(tmpdir(), "dawnpour-examples-"));

/** Compiles all in one program, against the types of the package. */
async function compiled(): Promise<string> {
  const options = {
    target: "ES2022",
    lib: ["ES2023", "ESNext.Disposable"],
    module: "NodeNext",
    types: ["node", "@webgpu/types"],
    strict: true,
    skipLibCheck: true,
    noUnusedLocals: true,
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: options, include: ["*.ts"] }));
  const tsc = resolve("node_modules/typescript/bin/tsc");
  return promisify(execFile)(process.execPath, [tsc, "-p", folder]).then(
    () => "",
    ({ stdout }: { stdout: string }) => stdout,
  );
}

interface Outcome {
  readonly lines: readonly string[];
  readonly error?: string;
}

/** Imports the examples one after another. A process for each example would load the package each time. */
const RUNNER = `
import { format } from "node:util";
const outcomes = {};
const { log } = console;
for (const i of process.argv.slice(2)) {
  const lines = [];
  console.log = (...words) => lines.push(format(...words));
  const error = await import(\`./example-\${i}.js\`).then(() => undefined, ({ stack }) => stack);
  outcomes[i] = { lines, error };
}
log(JSON.stringify(outcomes));
`;

async function outcomesOf(indices: readonly number[]): Promise<Record<number, Outcome>> {
  writeFileSync(join(folder, "runner.mjs"), RUNNER);
  const { stdout } = await promisify(execFile)(process.execPath, ["runner.mjs", ...indices.map(String)], {
    cwd: folder,
  });
  return JSON.parse(stdout);
}

const runnable = all.map((example, i) => ({ ...example, i })).filter(({ runs }) => runs);
let complaints: string;
let outcomes: Record<number, Outcome>;

beforeAll(async () => {
  mkdirSync(join(folder, "node_modules"));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "user", type: "module" }));
  symlinkSync(process.cwd(), join(folder, "node_modules", "dawnpour"));
  for (const scope of ["@types", "@webgpu"]) {
    symlinkSync(resolve("node_modules", scope), join(folder, "node_modules", scope));
  }
  for (const [i, { code }] of all.entries()) writeFileSync(join(folder, `example-${i}.ts`), code);
  complaints = await compiled();
  outcomes = await outcomesOf(runnable.map(({ i }) => i));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The lines that an example should print, by its comments. Undefined if one of its prints has no comment. */
function promised(code: string): string[] | undefined {
  const lines = code.split("\n").filter((line) => line.includes("console.log("));
  const comments = lines.map((line) => /; \/\/ (.*)$/.exec(line)?.[1]);
  return comments.every((comment) => comment !== undefined) ? comments : undefined;
}

describe("the examples in src", () => {
  it("are there for what one begins with", () => {
    expect(all.map(({ name }) => name.split(" ")[0])).toEqual(expect.arrayContaining(ENTRIES));
  });

  it("are all of the form that is tried here", async () => {
    const paths = (await readdir("src", { recursive: true })).filter((path) => path.endsWith(".ts"));
    const texts = await Promise.all(paths.map((path) => readFile(join("src", path), "utf8")));
    expect(all).toHaveLength(texts.join("").match(/^ *\* @example\b/gm)?.length as number);
  });

  it("compile", () => expect(complaints).toBe(""));

  it.each(runnable)("$name runs", ({ code, i }) => {
    const { lines, error } = outcomes[i];
    expect(error).toBeUndefined();
    expect(lines).toEqual(promised(code) ?? expect.arrayContaining([expect.any(String)]));
  });
});
