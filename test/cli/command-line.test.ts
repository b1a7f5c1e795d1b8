import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import { commandLine } from "../../src/cli/command-line.js";

it("can be typed again: a shell reads the same words", () => {
  const words = ["train", "--faults", "kill worker-1 at 5s; it's", "--out", "a b/$c", "", "*", "--lr=0.1", "cpu:1*3"];
  const line = commandLine(words);
  expect(line).toMatch(/^dawnpour train --faults 'kill /);
  const read = execFileSync("sh", ["-c", `dawnpour() { printf '%s\\n' "$@"; }; ${line}`]);
  expect(read.toString().split("\n").slice(0, -1)).toEqual(words);
});
