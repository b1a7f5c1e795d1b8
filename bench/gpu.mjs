/**
 * Tests and benchmarks for a machine with one GPU, in eight minutes, most important first: `node bench/gpu.mjs --out FOLDER`.
 * Each section runs in processes of its own, within a limit of time, so a section that hangs or crashes harms no other. The
 * results are in `summary.md` as soon as a section ends, in full in `log.txt`, and the times in one JSON file for each section.
 *
 * `--needs` prints the folders that it needs besides the production dependencies, for a copy to a machine without a network.
 */
import { spawn } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { sections } from "./gpu-sections.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const TEST_RUNNER = ["vitest", "fast-check"];

const options = new Command("gpu")
  .description("measure and check one GPU; see bench/README.md")
  .option("--out <folder>", "where the results go", "runs/gpu")
  .option("--seconds <count>", "what has not begun by then is left out", Number, 480)
  .option("--only <text>", "sections with this in their name alone", "")
  .option("--small", "less of everything, for a rehearsal on a software adapter")
  .option("--needs", "print the folders of the test runner and what it depends on, and end")
  .parse()
  .opts();

if (options.needs) console.log(closure(TEST_RUNNER).join("\n"));
else process.exitCode = (await runAll()) ? 0 : 1;

/** Whether every section succeeded. */
async function runAll() {
  const out = resolve(options.out);
  mkdirSync(out, { recursive: true });
  const scratch = mkdtempSync(join(tmpdir(), "dawnpour-gpu-"));
  const files = { summary: join(out, "summary.md"), log: join(out, "log.txt") };
  writeFileSync(files.summary, `# One GPU, ${new Date().toISOString()}\n`);
  writeFileSync(files.log, "");
  const end = performance.now() + 1000 * options.seconds;
  let good = true;
  try {
    const all = sections({ out, scratch, small: options.small });
    for (const section of all.filter(({ name }) => name.includes(options.only))) {
      good = (await runSection(section, end, files)) && good;
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return good;
}

async function runSection({ name, seconds, commands, kept, conclude }, end, { summary, log }) {
  const tell = (text) => {
    console.log(text);
    appendFileSync(summary, `${text}\n`);
  };
  const start = performance.now();
  if (start > end) {
    tell(`\n## ${name}: left out, for time was up`);
    return true;
  }
  const results = [];
  for (const command of commands) {
    const left = Math.min(start + 1000 * seconds, end) - performance.now();
    results.push(await run(command, Math.max(1000, left), log));
  }
  const bad = results.find(({ outcome }) => outcome !== "done");
  const took = ((performance.now() - start) / 1000).toFixed(0);
  tell(`\n## ${name}: ${bad?.outcome ?? "done"}, ${took} s\n`);
  const lines = results.flatMap(({ text }) => text.split("\n")).filter((line) => kept.test(line));
  const conclusion = bad ? undefined : conclude?.(results.map(({ text }) => text));
  tell([...lines, ...(conclusion?.lines ?? [])].join("\n"));
  return !bad && conclusion?.good !== false;
}

/** How the process ended, and all that it printed. It has a process group of its own, which is killed when its time is up. */
function run(args, milliseconds, log) {
  appendFileSync(log, `\n$ node ${args.join(" ")}\n`);
  const env = { ...process.env, NO_COLOR: "1" };
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
    let text = "";
    let late = false;
    const kill = () => {
      try {
        process.kill(-child.pid, "SIGKILL");
      } catch {
        // The whole group has ended.
      }
    };
    const timer = setTimeout(() => {
      late = true;
      kill();
    }, milliseconds);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
        appendFileSync(log, chunk);
      });
    }
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      kill();
      const failed = code === 0 ? "done" : `FAILED (${signal ?? `exit code ${code}`})`;
      resolve({ text, outcome: late ? "STOPPED, for its time was up" : failed });
    });
  });
}

/** The folders of packages and of all their installed dependencies. */
function closure(names) {
  const { packages } = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8"));
  const found = new Set();
  const visit = (name, from) => {
    const folder = nearest(packages, name, from);
    if (folder === undefined || found.has(folder) || name.startsWith("@types/")) return;
    found.add(folder);
    const { dependencies, optionalDependencies, peerDependencies } = packages[folder];
    for (const each of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })) {
      visit(each, folder);
    }
  };
  for (const name of names) visit(name, "");
  return [...found].filter((folder) => existsSync(join(ROOT, folder))).sort();
}

/** Where Node finds the package `name` when one in the folder `from` asks for it. */
function nearest(packages, name, from) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/node_modules/")))) {
    const candidate = folder === "" ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (packages[candidate]) return candidate;
    if (folder === "") return undefined;
  }
}
