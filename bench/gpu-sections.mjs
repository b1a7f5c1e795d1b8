/** Each section of `gpu.mjs`, most important first, with its commands, its limit of time, and which of their lines to keep. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const CLI = path("../dist/cli/main.js");
const VITEST = path("../node_modules/vitest/vitest.mjs");
const TABLES = /^ {2}|^\||^Peers|GB\/s|rror/;
const RUN = /^(data|device|workers|test|train|PCA| {8})|steps in|^\{|rror/;

/**
 * @param out the folder of the results
 * @param scratch a folder for files that are not kept
 * @param small whether the work has to be small enough for a software adapter
 */
export function sections({ out, scratch, small }) {
  const time = (seconds) => (small ? 10 * seconds : seconds);
  const measures = (precision, kind, seconds) => ({
    name: `${kind === "step" ? "training steps" : "products"} in ${precision}, beside PyTorch`,
    seconds: time(seconds),
    commands: [bench(out, precision, kind, small)],
    kept: TABLES,
  });
  return [
    { name: "devices", seconds: time(15), commands: [[CLI, "devices"]], kept: /./ },
    { name: "conformance", seconds: time(90), commands: [conformance(small)], kept: /Tests |Test Files|FAIL|rror:/ },
    measures("f32", "step", 100),
    measures("f32", "gemm", 75),
    { name: "npm start", seconds: time(100), commands: [start(scratch, small)], kept: RUN },
    measures("f16", "step", 75),
    measures("f16", "gemm", 60),
    { ...workers(scratch, small), seconds: time(75) },
    { name: "tune", seconds: time(30), commands: [tune("f32", small), tune("f16", small)], kept: /./ },
  ];
}

function bench(out, precision, kind, small) {
  const shapes = (small ? [128] : [1024, 2048, 4096]).map((size) => `${size}x${size}x${size}`).join(",");
  const which = kind === "gemm" ? ["--shapes", shapes] : small ? ["--match", "784-256-32-256-784 batch 128"] : [];
  const how = ["--device", "webgpu", "--precision", precision, "--rounds", "1", "--patience", "1"];
  return [path("run.mjs"), "--only", kind, ...which, ...how, "--out", join(out, `${kind}-${precision}.json`)];
}

/** The tests of every op on WebGPU adapters against the float64 reference. */
function conformance(small) {
  const tests = small ? "webgpu.*sumRows" : "webgpu";
  return [VITEST, "run", "test/device/conformance-", "-t", tests, "--config", path("gpu-tests.config.mjs")];
}

/** The run of `npm start`, on the adapter. */
function start(scratch, small) {
  const less = small ? ["--layers", "784,64,30", "--epochs", "1", "--limit", "600"] : [];
  const where = ["--device", "webgpu", "--out", join(scratch, "start")];
  return [CLI, "train", "--preset", "hinton2006", "--json", ...where, ...less];
}

/** Runs that must have the same bits: one worker, two on one GPU, and two of which one loses its device. */
function workers(scratch, small) {
  const network = small ? ["784,16", "--limit", "200"] : ["784,1000,500,250,30"];
  const [steps, batch] = small ? [12, 64] : [300, 1024];
  const folder = (name) => join(scratch, name);
  const train = (name, count, ...faults) => [
    ...[CLI, "train", "--dataset", "mnist", "--layers", ...network, "--batch", String(batch), "--parts", "2", "--json"],
    ...["--steps", String(steps), "--devices", `webgpu*${count}`, "--out", folder(name), ...faults],
  ];
  return {
    name: "one worker, two on one GPU, and a device that is lost",
    commands: [
      train("one", 1),
      train("two", 2),
      train("lost", 2, "--faults", `lose device-0 at step ${Math.floor(steps / 3)}`),
    ],
    kept: /steps in|rror/,
    conclude(outputs) {
      const hashes = outputs.map((text) => JSON.parse(text.split("\n").findLast((line) => line.startsWith("{"))));
      const same = new Set(hashes.map(({ parametersSha256 }) => parametersSha256)).size === 1;
      const recoveries = events(join(folder("lost"), "metrics.jsonl")).filter(({ event }) => event === "recovery");
      const told = recoveries.map(({ target, noticed, resumed }) => {
        return `${target}: next step ${(resumed - noticed).toFixed(3)} s after the loss was noticed`;
      });
      const lines = [`the same parameters, bit for bit: ${same ? "yes" : "NO"}`, ...told];
      return { good: same && recoveries.length > 0, lines };
    },
  };
}

function tune(precision, small) {
  const less = small ? ["--layers", "784,64,30", "--budget", "5"] : ["--budget", "13"];
  return [CLI, "tune", "--device", "webgpu", "--precision", precision, ...less];
}

const events = (file) =>
  readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
