import { expect, it } from "vitest";
import { shellWord } from "../../src/cli/command-line.js";
import { asCalled, type Call, commandText } from "../../src/cli/invocation.js";

const folder = "/home/a/project";
const calls: [string, Call, string][] = [
  ["by npx", { script: "/home/a/.npm/_npx/1/dawnpour", folder, environment: { npm_command: "exec" } }, "npx dawnpour"],
  [
    "by npm start",
    { script: `${folder}/dist/cli/main.js`, folder, environment: { npm_lifecycle_event: "start" } },
    "npx dawnpour",
  ],
  ["in a project", { script: `${folder}/node_modules/.bin/dawnpour`, folder, environment: {} }, "npx dawnpour"],
  ["on the path", { script: "/usr/local/bin/dawnpour", folder, environment: {} }, "dawnpour"],
  ["by node", { script: `${folder}/dist/cli/main.js`, folder, environment: {} }, "node dist/cli/main.js"],
  [
    "by node from elsewhere",
    { script: "/opt/my clone/main.js", folder, environment: {} },
    "node '/opt/my clone/main.js'",
  ],
];

it.each(calls)("called %s, a hint says so", (_, call, name) => {
  expect(commandText(["train", "--out", "it's a run"], call)).toBe(`${name} train --out 'it'\\''s a run'`);
});

it("commands in help and in messages are called as they are found", () => {
  const text = "see `dawnpour devices`, dawnpour/kernels:\n  dawnpour train";
  expect(asCalled(text, calls[0][1])).toBe("see `npx dawnpour devices`, dawnpour/kernels:\n  npx dawnpour train");
  expect(asCalled(text, calls[4][1])).toBe(text);
});

it.each([["plain"], ["a/b-c.npy"], ["cpu:1*2"], ["$HOME"], ["a b"], [""]])("%j is one word of a shell", (word) => {
  expect(shellWord(word)).toBe(/^[\w./-]+$/.test(word) ? word : `'${word}'`);
});
