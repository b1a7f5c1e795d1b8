/**
 * Builds the core with sanitizers (CMakeLists.txt) and runs its tests, threads and fuzz targets: `npm run native:sanitize`.
 * - address: the tests that work on the core, with the address and undefined-behaviour sanitizers in the addon
 * - threads: the threads of the core without Node, with the thread sanitizer
 * - fuzz: each fuzz target for some seconds, with address and undefined-behaviour sanitizers
 * Needs Linux, g++ with its sanitizers, and cmake. With clang++ the fuzz targets have libFuzzer, which learns from the code that an
 * input reaches.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Argument, Command, InvalidArgumentError } from "commander";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const BUILDS = join(ROOT, "build-core");
const PARTS = ["address", "threads", "fuzz"];
const FUZZ_TARGETS = ["fuzz_program", "fuzz_shared_memory", "fuzz_collective"];

/** The tests of the core. little-memory.test.ts is not among them: it limits the address space, of which the sanitizer needs more. */
const TESTS = [
  ...["test/native", "test/device/cpu", "test/device/adopt", "test/device/contract", "test/device/conformance"],
  ...["test/collective", "test/tensors", "test/transport/process", "test/analysis/symmetric-eigen"],
];
const NOT_TESTED = ["test/device/cpu/little-memory.test.ts"];
/** Leaves out tests that measure the memory of the process, because the sanitizer keeps freed memory for a while. */
const NAMES = "^((?!is flat over).)*$";

/** A finding of a sanitizer ends the process. Leaks in Node are not counted, because Node does not free its memory at its end. */
const ADDRESS = "abort_on_error=1:allocator_may_return_null=1:detect_stack_use_after_return=0";
const SANITIZERS = {
  UBSAN_OPTIONS: "print_stacktrace=1:halt_on_error=1",
  TSAN_OPTIONS: "halt_on_error=1:second_deadlock_stack=1",
};

const has = (program) => spawnSync(program, ["--version"], { stdio: "ignore" }).status === 0;

function need(program, install) {
  if (!has(program)) throw new Error(`${program} is missing: ${install}`);
}

function run(program, words, env = {}) {
  const { status, signal, error } = spawnSync(program, words, {
    cwd: ROOT,
    stdio: "inherit",
    env: { ...process.env, ...SANITIZERS, ...env },
  });
  if (error) throw error;
  return status === 0 ? undefined : `${program} ended with ${signal ?? status}`;
}

/** Runs a program without random addresses. Older sanitizers fail with some of the addresses that current Linux chooses. */
const runSanitized = (program, words, env) =>
  has("setarch") ? run("setarch", ["-R", program, ...words], env) : run(program, words, env);

/** @returns the folder of the build */
function build(name, compiler, target, options) {
  const folder = join(BUILDS, name);
  const generator = has("ninja") ? ["-G", "Ninja"] : [];
  const words = [...generator, "-S", ROOT, "-B", folder, `-DCMAKE_CXX_COMPILER=${compiler}`, ...options];
  const failed = run("cmake", words) ?? run("cmake", ["--build", folder, "--parallel", "--target", target]);
  if (failed) throw new Error(`the build of ${target} failed: ${failed}`);
  return folder;
}

/** Links compile_commands.json into the root, where editors look for it. */
function linkCompileCommands(folder) {
  const link = join(ROOT, "compile_commands.json");
  rmSync(link, { force: true });
  symlinkSync(join(folder, "compile_commands.json"), link);
}

/** The shared libraries of the sanitizers. They must be loaded before Node allocates memory. */
function runtimes(compiler) {
  const find = (name) => spawnSync(compiler, [`-print-file-name=${name}`], { encoding: "utf8" }).stdout.trim();
  return ["libasan.so", "libubsan.so"].map(find).join(" ");
}

function address() {
  const folder = build("address", "g++", "dawnpour", ["-DSANITIZE=address,undefined"]);
  linkCompileCommands(folder);
  const words = [
    "node_modules/vitest/vitest.mjs",
    "run",
    ...TESTS,
    ...NOT_TESTED.flatMap((file) => ["--exclude", file]),
    ...["-t", NAMES],
  ];
  return runSanitized(process.execPath, words, {
    LD_PRELOAD: runtimes("g++"),
    ASAN_OPTIONS: `${ADDRESS}:detect_leaks=0`,
    DAWNPOUR_PREBUILD: folder,
  });
}

function threads() {
  const folder = build("thread", "g++", "threads", ["-DSANITIZE=thread"]);
  return runSanitized(join(folder, "threads"), []);
}

function fuzz({ seconds, seed }) {
  const compiler = has("clang++") ? "clang++" : "g++";
  const folder = build("fuzz", compiler, "fuzz", ["-DSANITIZE=address,undefined", "-DFUZZ=ON"]);
  const failures = FUZZ_TARGETS.map((target) => {
    const corpus = join(BUILDS, "corpus", target);
    mkdirSync(corpus, { recursive: true });
    const places = compiler === "clang++" ? [corpus] : [];
    const options = [`-max_total_time=${seconds}`, `-seed=${seed}`, `-artifact_prefix=${folder}/${target}-`];
    console.log(`\n${target}, ${seconds} s, seed ${seed}`);
    const more = ["-max_len=2048", "-timeout=60", "-print_final_stats=1", "-verbosity=0", "-print_funcs=0"];
    const failed = runSanitized(join(folder, target), [...options, ...more, ...places], { ASAN_OPTIONS: ADDRESS });
    return failed && `${failed}; again: ${join(folder, target)} and the file that it left beside itself`;
  });
  return failures.find((failed) => failed);
}

const whole = (text) => {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError("It is not a whole number from 1.");
  return value;
};
const command = new Command("native:sanitize")
  .description("look for faults of the native core with sanitizers and fuzz targets")
  .addArgument(new Argument("[parts...]", "which to run").choices(PARTS).default(PARTS))
  .option("--seconds <count>", "that each fuzz target runs", whole, 60)
  .option("--seed <seed>", "of the fuzz targets", whole, 1)
  .parse();

need("g++", "apt-get install g++");
need("cmake", "apt-get install cmake, or pip install cmake");
if (!existsSync(join(ROOT, "node_modules"))) throw new Error("node_modules is missing: npm install");
const RUN = { address, threads, fuzz };
const failures = command.processedArgs[0].flatMap((part) => {
  console.log(`\n== ${part}`);
  const failed = RUN[part](command.opts());
  return failed ? [`${part}: ${failed}`] : [];
});
console.log(failures.length === 0 ? "\nno fault found" : `\n${failures.join("\n")}`);
process.exitCode = failures.length === 0 ? 0 : 1;
