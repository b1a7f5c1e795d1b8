/** Each house rule is broken once, in a small project that is otherwise in order, and must report it. */
import { expect, it } from "vitest";
import { check, type Exceptions } from "./rules.mjs";

const NONE: Exceptions = { layers: [], portable: [], unused: [], documented: [], lines: {} };

/** A project that keeps all rules: three floors, of which the lower two run in a browser, and a test. */
const HOUSE: Readonly<Record<string, string>> = {
  "src/base/sum.ts": "/** Adds. */ export const sum = (a: number, b: number) => a + b;\n",
  "src/base/far/long.ts": 'import { sum } from "../sum.js";\nexport const three = sum(1, 2);\n',
  "src/middle/use.ts": 'import { three } from "../base/far/long.js";\nexport function use() {\n  return three;\n}\n',
  "src/middle/child.ts": 'import { use } from "./use.js";\nuse();\n',
  "src/top/start.ts":
    'import { fork } from "node:child_process";\nimport { use } from "../middle/use.js";\nfork("../middle/child.js");\nuse();\n',
  "src/index.ts": 'export { sum } from "./base/sum.js";\nimport "./top/start.js";\n',
};

function problems(changes: Readonly<Record<string, string>>, exceptions = NONE): string[] {
  return checked(changes, exceptions).problems;
}

function checked(changes: Readonly<Record<string, string>>, exceptions = NONE) {
  return check({
    texts: new Map(Object.entries({ ...HOUSE, ...changes })),
    entries: ["src/index.ts"],
    floors: ["base", "middle", "top", "index.ts"],
    portable: /^src\/(base|middle)\//,
    exceptions,
  });
}

it("finds nothing where no rule is broken", () => expect(problems({})).toEqual([]));

it("refuses an import from a higher floor, of a type, too", () => {
  const upward = 'import type { X } from "../../top/start.js";\nexport const three: X = 3;\n';
  expect(
    problems({
      "src/base/far/long.ts": upward,
      "src/top/start.ts": `${HOUSE["src/top/start.ts"]}export type X = number;\n`,
    }),
  ).toEqual(["src/base/far/long.ts: imports src/top/start.ts, which is on a higher floor (test/house/rules.mjs)"]);
  const inType = 'export const three: import("../../middle/use.js").X = 3;\n';
  expect(problems({ "src/base/far/long.ts": inType })).toEqual([
    "src/base/far/long.ts: imports src/middle/use.ts, which is on a higher floor (test/house/rules.mjs)",
  ]);
});

it("refuses a folder that is on no floor", () => {
  expect(
    problems({
      "src/attic/old.ts": "export {};\n",
      "src/index.ts": `${HOUSE["src/index.ts"]}import "./attic/old.js";\n`,
    }),
  ).toEqual(["src/attic/old.ts: attic is none of the floors in test/house/rules.mjs"]);
});

it("refuses a circle of folders that lie beside each other", () => {
  const changes = {
    "src/base/near/one.ts": 'import { three } from "../far/long.js";\nexport const one = three - 2;\n',
    "src/base/far/long.ts":
      'import { one } from "../near/one.js";\nexport const three = 3;\nexport const same = () => one;\nsame();\n',
    "src/middle/use.ts":
      'import { same, three } from "../base/far/long.js";\nexport const use = () => same() + three;\n',
  };
  expect(problems(changes)).toEqual([
    "a circle of folders: src/base/far/long.ts imports src/base/near/one.ts; src/base/near/one.ts imports src/base/far/long.ts",
  ]);
});

it("refuses what leads to a module of Node where a browser runs it", () => {
  const direct = 'import { join } from "node:path";\n/** Joins. */ export const sum = join;\n';
  expect(problems({ "src/base/sum.ts": direct })).toEqual([
    "src/base/sum.ts imports node:path: src/base/sum.ts must run in a browser, too",
    "src/base/far/long.ts imports src/base/sum.ts imports node:path: src/base/far/long.ts must run in a browser, too",
    "src/middle/use.ts imports src/base/far/long.ts imports src/base/sum.ts imports node:path: src/middle/use.ts must run in a browser, too",
    "src/middle/child.ts imports src/middle/use.ts imports src/base/far/long.ts imports src/base/sum.ts imports node:path: src/middle/child.ts must run in a browser, too",
  ]);
  const ofType =
    'import type { Stats } from "node:fs";\n/** Adds. */ export const sum = (a: number, b: Stats | number) => a + Number(b);\n';
  expect(problems({ "src/base/sum.ts": ofType })).toEqual([]);
});

it("refuses an export that no other file uses", () => {
  const two = "/** Adds. */ export const sum = (a: number, b: number) => a + b;\nexport interface Sum {}\n";
  expect(problems({ "src/base/sum.ts": two })).toEqual([
    "src/base/sum.ts: no other file uses the export Sum; remove the word export, or all of it",
  ]);
  expect(
    problems({ "src/base/sum.ts": two, "test/sum.test.ts": 'import type { Sum } from "../src/base/sum.js";\n' }),
  ).toEqual([]);
});

it("refuses a file that no entry point reaches, though a test uses it", () => {
  const changes = {
    "src/top/dead.ts": "export const dead = 1;\n",
    "test/dead.test.ts": 'import "../src/top/dead.js";\n',
  };
  expect(problems(changes)).toEqual(["src/top/dead.ts: no entry point of the package reaches this file; remove it"]);
  expect(problems({ "src/top/start.ts": HOUSE["src/top/start.ts"].replace("child.js", "other.js") })).toEqual([
    "src/middle/child.ts: no entry point of the package reaches this file; remove it",
  ]);
});

it("refuses long functions and files, and those that grew", () => {
  const lines = (count: number) => "\n".repeat(count);
  const long = { "src/middle/use.ts": `import "../base/far/long.js";\nexport const use = () => {${lines(70)}};\n` };
  const file = { "src/base/sum.ts": `${HOUSE["src/base/sum.ts"]}//${lines(250)}//\n` };
  expect(problems(long)).toContain("src/middle/use.ts use: 71 lines of 70; split it");
  expect(problems(file)).toEqual(["src/base/sum.ts: 252 lines of 250; split it"]);
  const allowed = { ...NONE, lines: { "src/base/sum.ts": 251 } };
  expect(problems(file, allowed)).toEqual(["src/base/sum.ts: 252 lines of 251; split it"]);
});

it("refuses exceptions that are no longer needed, until the file is shrunk", () => {
  const upward = { "src/base/far/long.ts": 'import "../../middle/use.js";\nexport const three = 3;\n' };
  const key = "src/base/far/long.ts -> src/middle/use.ts";
  const exceptions = { ...NONE, layers: [key, "src/a.ts -> src/b.ts"], lines: { "src/index.ts": 300 } };
  const { problems, needed } = checked(upward, exceptions);
  const stale = (key: string, rule: string) =>
    `${key}: better than its entry in test/house/exceptions.json (${rule}); npm run shrink-exceptions writes that down`;
  expect(problems).toEqual([stale("src/a.ts -> src/b.ts", "layers"), stale("src/index.ts", "lines")]);
  expect(needed).toEqual({ ...NONE, layers: [key] });
});

it("refuses a name that users see without a comment, and a method of one", () => {
  const entry = 'export * from "./base/sum.js";\nexport * as use from "./middle/use.js";\nimport "./top/start.js";\n';
  const texts = {
    "src/base/sum.ts": `${HOUSE["src/base/sum.ts"]}/** A. */\nexport class Sum {\n  of() {}\n  #own() {}\n}\n`,
    "src/middle/use.ts": `${HOUSE["src/middle/use.ts"]}/** @throws Error always */\nexport interface Options {}\n`,
    "src/index.ts": entry,
  };
  const lacks = (path: string, name: string): string =>
    `${path}: ${name} is exported to users, and has no comment that says what it is`;
  expect(problems(texts)).toEqual([
    lacks("src/middle/use.ts", "use"),
    lacks("src/middle/use.ts", "Options"),
    lacks("src/base/sum.ts", "Sum.of"),
  ]);
});
