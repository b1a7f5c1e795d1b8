/** Builds the package before any test runs, because the command line and the examples are tested as users run them. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { bundlePage } from "../../scripts/bundle-page.mjs";

export default async function build(): Promise<void> {
  const built = statSync("dist/cli/main.js", { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = readdirSync("src", { recursive: true, encoding: "utf8" });
  if (sources.every((name) => statSync(join("src", name)).mtimeMs < built)) return;
  const [fresh, old] = ["new", "old"].map((age) => `node_modules/.cache/dawnpour/${process.pid}-${age}`);
  // The test command checks the types once, for all files.
  const args = ["node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json", "--noCheck", "--outDir", fresh];
  execFileSync(process.execPath, args, { stdio: "inherit" });
  await bundlePage(fresh);
  // The new build replaces the old one in one move, because another run of the tests may use the old one.
  mkdirSync("dist", { recursive: true });
  renameSync("dist", old);
  renameSync(fresh, "dist");
  rmSync(old, { recursive: true });
}
