/**
 * The test command: lint, the house rules, types, then every test, in a process that can reach a GPU or a software GPU. Its
 * arguments go to vitest. The last line counts all results, with each check as one test. The exit code is 0 only if at least
 * one test passed and none failed.
 */
import { spawn } from "node:child_process";
import { writeSources } from "../../native/digest.mjs";
import { embedShaders } from "../../shaders/embed.mjs";
import { softwareGpuEnvironment } from "./software-gpu.mjs";

const SIGNALS = ["SIGINT", "SIGTERM"];
const NOTHING = { passed: 0, failed: 0, skipped: 0 };

/**
 * Runs a package's command; resolves to its exit code and the last message it sent. It leads a process group of its own,
 * so that it can be ended with all that it started: what ends this process ends that group.
 */
function run(file, args, environment = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [file, ...args], {
      stdio: ["inherit", "inherit", "inherit", "ipc"],
      env: { ...process.env, ...environment },
      detached: true,
    });
    const end = (signal) => {
      process.kill(-child.pid, signal);
      process.exit(1);
    };
    for (const signal of SIGNALS) process.on(signal, end);
    let message;
    child.on("message", (received) => {
      message = received;
    });
    child.on("error", reject);
    child.on("close", (code) => {
      for (const signal of SIGNALS) process.off(signal, end);
      resolve({ code, message });
    });
  });
}

async function check(name, file, args) {
  console.log(`${name}: ${args.join(" ")}`);
  const { code } = await run(file, args);
  return code === 0 ? { ...NOTHING, passed: 1 } : { ...NOTHING, failed: 1 };
}

/** Arguments for vitest, and what `--full` asks for: see `full.ts`. */
async function tests(args) {
  const reporters = ["--reporter=default", "--reporter=./test/support/totals-reporter.ts"];
  const full = args.includes("--full");
  const environment = { ...(await softwareGpuEnvironment()), ...(full && { DAWNPOUR_TESTS: "full" }) };
  const { code, message = NOTHING } = await run(
    "node_modules/vitest/vitest.mjs",
    ["run", ...reporters, ...args.filter((arg) => arg !== "--full")],
    environment,
  );
  // If vitest fails without naming a failed test, that counts as a failure, too.
  return code !== 0 && message.failed === 0 ? { ...message, failed: 1 } : message;
}

await embedShaders();
writeSources();
const results = [
  await check("biome", "node_modules/@biomejs/biome/bin/biome", ["check", "."]),
  await check("house", "test/house/check.mjs", []),
  await check("tsc", "node_modules/typescript/bin/tsc", ["-p", "tsconfig.json"]),
  await check("tsc of the page", "node_modules/typescript/bin/tsc", ["-p", "src/page/client"]),
  await tests(process.argv.slice(2)),
];
const total = (key) => results.reduce((sum, result) => sum + result[key], 0);
process.exitCode = total("failed") === 0 && results.at(-1).passed > 0 ? 0 : 1;
console.log(`${total("passed")} passed, ${total("failed")} failed, ${total("skipped")} skipped`);
