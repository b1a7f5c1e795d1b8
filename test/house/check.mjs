/**
 * Checks the project's own rules (`rules.mjs`, `paths.mjs`), as part of `npm run lint`. Code that broke a rule when the rule was
 * introduced is listed in `exceptions.json`. That list only gets shorter: `--shrink` removes entries that are no longer needed.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { deadPaths } from "./paths.mjs";
import { check, FLOORS, PORTABLE } from "./rules.mjs";

const ROOT = new URL("../../", import.meta.url);
const EXCEPTIONS = new URL("exceptions.json", import.meta.url);
const read = (path) => readFileSync(new URL(path, ROOT), "utf8");

/** Files that git tracks or would add. */
function projectFiles() {
  const args = ["ls-files", "--cached", "--others", "--exclude-standard", "--deduplicate"];
  const listed = execFileSync("git", args, { cwd: fileURLToPath(ROOT), encoding: "utf8" });
  return listed.split("\n").filter((path) => path !== "");
}

function textsOf(paths) {
  const texts = new Map();
  for (const path of paths) {
    try {
      texts.set(path, read(path));
    } catch (error) {
      // Git may still track a file that was removed.
      if (error.code !== "ENOENT") throw error;
    }
  }
  return texts;
}

/** The script of the page, which is bundled. */
const PAGE = "src/page/client/main.ts";

/** The files from which the package starts: its entry points, its command and its page. */
function entryPoints() {
  const { exports, bin } = JSON.parse(read("package.json"));
  const compiled = [...Object.values(exports).map((entry) => entry.default), ...Object.values(bin)];
  const paths = compiled
    .filter((path) => path?.endsWith(".js"))
    .map((path) => path.replace(/^(\.\/)?dist/, "src").replace(/js$/, "ts"));
  return [...paths, PAGE];
}

const exceptions = JSON.parse(readFileSync(EXCEPTIONS, "utf8"));
const files = projectFiles();
const texts = textsOf(files.filter((path) => /\.(ts|mts|mjs)$/.test(path)));
const pages = textsOf(files.filter((path) => /\.(md|h|cc|wgsl|py|sh|yml)$|^Dockerfile$/.test(path)));
const house = { texts, entries: entryPoints(), floors: FLOORS, portable: PORTABLE, exceptions };
const { problems, needed } = check(house);
problems.push(...deadPaths(new Map([...texts, ...pages]), new Set(files)).map(({ message }) => message));
if (process.argv.includes("--shrink")) {
  writeFileSync(EXCEPTIONS, `${JSON.stringify(needed, null, 2)}\n`);
} else if (problems.length > 0) {
  for (const problem of problems) console.error(problem);
  console.error(`the rules of the house: ${problems.length} to mend`);
  process.exitCode = 1;
}
