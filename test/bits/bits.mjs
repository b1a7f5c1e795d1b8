/**
 * Compares the bits that two commits compute: `npm run bits -- COMMIT COMMIT`, with the commits before and after a change that
 * must not change what a run computes. Each commit is checked out and built in a temporary folder. Both train the runs of
 * `runs.mjs` on this machine, and the later one also resumes checkpoints of the earlier one. The digests of the parameters must
 * be equal. The exit code is 1 if any differ.
 */
import { execFile } from "node:child_process";
import { cp, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { swiftShaderEnvironment } from "../support/software-gpu.mjs";
import { RESUMED, RUNS, words } from "./runs.mjs";

const HERE = fileURLToPath(new URL("../..", import.meta.url));
const SHOWN = 16;
const execute = promisify(execFile);

const git = async (...args) => (await execute("git", args, { cwd: HERE })).stdout.trim();

/** The standard output of a program. If the program fails, the error ends with the program's own message. */
async function output(file, args, cwd, environment = {}) {
  try {
    const options = { cwd, env: { ...process.env, ...environment }, maxBuffer: 2 ** 26 };
    return (await execute(file, args, options)).stdout;
  } catch ({ stderr, message }) {
    throw new Error(stderr?.trim().split("\n").slice(-3).join(" / ") || message);
  }
}

/** A key for the contents of `paths` in a commit. */
const contents = (commit, ...paths) => git("ls-tree", commit, ...paths);

/** Checks a commit out and builds it. Builds of the same files by an earlier checkout are used again. */
async function build(commit, folder, earlier) {
  console.log(`building ${commit.slice(0, 12)}`);
  await git("worktree", "add", "--detach", folder, commit);
  const lock = await contents(commit, "package-lock.json");
  const core = await contents(commit, "native", "binding.gyp", "package-lock.json");
  if (lock === (await contents("HEAD", "package-lock.json"))) {
    await symlink(join(HERE, "node_modules"), join(folder, "node_modules"));
    if (core === earlier?.core) await cp(join(earlier.folder, "build"), join(folder, "build"), { recursive: true });
    else await output("npm", ["run", "build:native"], folder);
    await output("npm", ["run", "compile"], folder);
  } else {
    await output("npm", ["ci", "--no-audit", "--no-fund"], folder);
  }
  return { commit, folder, core };
}

/** Trains in a folder of its own. Returns the digest of the parameters. */
async function train({ folder }, out, options, more, environment) {
  const args = ["dist/cli/main.js", "train", ...words(options), ...more, "--no-pca", "--json", "--out", out];
  const lines = (await output(process.execPath, args, folder, environment)).trim().split("\n");
  return JSON.parse(lines.at(-1)).parametersSha256;
}

/** The digest of a run, or the reason that there is none: two commits that both refuse a run agree about it. */
const outcome = (digest) => digest.catch((error) => `refused: ${error.message}`);

async function* compared(before, after, folder, environment) {
  for (const [index, { name, options }] of RUNS.entries()) {
    const digests = [];
    for (const [side, built] of [before, after].entries()) {
      const out = join(folder, `run-${index}-${side}`);
      digests.push(await outcome(train(built, out, options, [], environment)));
    }
    yield { name, digests };
  }
  for (const [index, { name, options }] of RESUMED.entries()) {
    const out = join(folder, `resumed-${index}`);
    const whole = await outcome(train(after, join(folder, `whole-${index}`), options, [], environment));
    const resumed = train(before, out, { ...options, steps: Math.floor(options.steps / 2) }, [], environment).then(() =>
      train(after, out, options, ["--resume"], environment),
    );
    yield { name: `${name}, resumed`, digests: [await outcome(resumed), whole] };
  }
}

const isDigest = (text) => /^[0-9a-f]{64}$/.test(text);

function row({ name, digests }) {
  const [one, other] = digests;
  const same = one === other && isDigest(one);
  const shown = digests.map((digest) => (isDigest(digest) ? digest.slice(0, SHOWN) : "-".padEnd(SHOWN)));
  console.log([name.padEnd(32), ...shown, same ? "equal" : "DIFFERENT"].join("  "));
  for (const digest of new Set(digests)) if (!isDigest(digest)) console.log(`    ${digest}`);
  return same;
}

async function main(names) {
  if (names.length !== 2) throw new Error("npm run bits -- COMMIT COMMIT: give the two commits to compare");
  const commits = [];
  for (const name of names)
    commits.push(await git("rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`));
  const folder = await mkdtemp(join(tmpdir(), "dawnpour-bits-"));
  const environment = await swiftShaderEnvironment();
  try {
    const before = await build(commits[0], join(folder, "before"));
    const after = await build(commits[1], join(folder, "after"), before);
    console.log([" ".repeat(32), ...commits.map((commit) => commit.slice(0, SHOWN))].join("  "));
    let different = 0;
    for await (const pair of compared(before, after, folder, environment)) if (!row(pair)) different++;
    console.log(different === 0 ? "every run has equal bits" : `${different} of the runs differ`);
    process.exitCode = different === 0 ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
    await git("worktree", "prune");
  }
}

// Ctrl-C reaches the children, too: the command that runs then fails, and the temporary folder is removed.
process.on("SIGINT", () => {});
await main(process.argv.slice(2)).catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
