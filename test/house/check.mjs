/**
 * Checks the house's rules (`rules.mjs`), as part of `npm run lint`. What broke a rule when the rule came stands in
 * `exceptions.json`, which only ever gets shorter: `--shrink` takes out what is mended.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { check, FLOORS, PORTABLE } from "./rules.mjs";

const ROOT = new URL("../../", import.meta.url);
const EXCEPTIONS = new URL("exceptions.json", import.meta.url);
const read = (path) => readFileSync(new URL(path, ROOT), "utf8");

/** Files that git knows or would take, and that are there. */
function projectFiles() {
  const args = ["ls-files", "--cached", "--others", "--exclude-standard", "--deduplicate", "*.ts", "*.mts", "*.mjs"];
  const listed = execFileSync("git", args, { cwd: fileURLToPath(ROOT), encoding: "utf8" });
  return listed.split("\n").filter((path) => path !== "");
}

function textsOf(paths) {
  const texts = new Map();
  for (const path of paths) {
    try {
      texts.set(path, read(path));
    } catch (error) {
      // Removed, and git was not told yet.
      if (error.code !== "ENOENT") throw error;
    }
  }
  return texts;
}

/** What the package starts from: its entry points and its command. */
function entryPoints() {
  const { exports, bin } = JSON.parse(read("package.json"));
  const compiled = [...Object.values(exports).map((entry) => entry.default), ...Object.values(bin)];
  return compiled
    .filter((path) => path?.endsWith(".js"))
    .map((path) => path.replace(/^(\.\/)?dist/, "src").replace(/js$/, "ts"));
}

const exceptions = JSON.parse(readFileSync(EXCEPTIONS, "utf8"));
const texts = textsOf(projectFiles());
const house = { texts, entries: entryPoints(), floors: FLOORS, portable: PORTABLE, exceptions };
const { problems, needed } = check(house);
if (process.argv.includes("--shrink")) {
  writeFileSync(EXCEPTIONS, `${JSON.stringify(needed, null, 2)}\n`);
} else if (problems.length > 0) {
  for (const problem of problems) console.error(problem);
  console.error(`the rules of the house: ${problems.length} to mend`);
  process.exitCode = 1;
}
