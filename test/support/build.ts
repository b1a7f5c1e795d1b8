/** Before any test runs: what is tested as users run it (the command line, the examples) is built from these sources. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

export default function build(): void {
  const built = statSync("dist/cli/main.js", { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = readdirSync("src", { recursive: true, encoding: "utf8" });
  if (sources.every((name) => statSync(join("src", name)).mtimeMs < built)) return;
  const [fresh, old] = ["new", "old"].map((age) => `node_modules/.cache/dawnpour/${process.pid}-${age}`);
  // Types are checked by the test command, once and for everything.
  const args = ["node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json", "--noCheck", "--outDir", fresh];
  execFileSync(process.execPath, args, { stdio: "inherit" });
  // In one move: another test run may be using the build of before.
  mkdirSync("dist", { recursive: true });
  renameSync("dist", old);
  renameSync(fresh, "dist");
  rmSync(old, { recursive: true });
}
