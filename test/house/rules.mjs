/** The project's own rules for its sources. docs/architecture.md says what each floor is. */
import { documented } from "./documented.mjs";
import { layers } from "./layers.mjs";
import { lengths } from "./lengths.mjs";
import { portability } from "./portable.mjs";
import { readSources } from "./source.mjs";
import { unused } from "./unused.mjs";

/** Folders and files of src, from the lowest floor up. Each floor imports only from itself and from the floors before it. */
export const FLOORS = [
  ...["error.ts", "callbacks.ts", "definitions.ts", "choice.ts", "option-keys.ts", "option-names.ts", "version.ts"],
  ...["native-core.ts", "load-module.ts", "world"],
  ...["program", "device", "tuning"],
  ...["optimizer", "model", "data", "checkpoint", "analysis", "export", "privacy"],
  ...["actor", "transport"],
  ...["training", "tensors", "collective", "workload", "strategies"],
  ...["placement", "faults", "cluster", "pipeline", "parameter-server", "distributed"],
  ...[
    "benchmark",
    "report",
    "places.ts",
    "request.ts",
    "requested-data.ts",
    "train.ts",
    "prediction",
    "comparison",
    "search",
    "page",
    "cli",
    "faces",
  ],
  ...["index.ts", "kernels.ts", "distributed.ts", "actors.ts", "webgpu.ts"],
];

/** Files that must run in a browser. Collective operations of the native core are not among them. */
export const PORTABLE = new RegExp(
  `^src/(${[
    ...["webgpu\\.ts", "program/", "model/", "optimizer/", "device/webgpu/", "device/reference/", "data/sampler\\.ts"],
    ...["data/digits/", "checkpoint/safetensors\\.ts", "training/trainer\\.ts"],
    ...["workload/", "strategies/", "privacy/", "collective/(?!native-|cpu-)", "tensors/"],
    ...["transport/codec\\.ts", "cluster/", "actor/"],
  ].join("|")})`,
);

/**
 * `problems`: what breaks a rule without an exception, and exceptions that are wider than needed. `needed`: the exceptions that are
 * still needed.
 * @param {object} house
 * @param {ReadonlyMap<string, string>} house.texts files of the project by path from the root
 * @param {readonly string[]} house.entries
 * @param {readonly string[]} house.floors
 * @param {RegExp} house.portable
 * @param {import("./rules.mjs").Exceptions} house.exceptions
 * @returns {{ problems: string[], needed: import("./rules.mjs").Exceptions }}
 */
export function check({ texts, entries, floors, portable, exceptions }) {
  const sources = readSources(texts);
  const found = {
    layers: layers(sources, floors),
    portable: portability(sources, portable),
    unused: unused(sources, entries),
    documented: documented(texts, sources, entries),
  };
  const problems = [];
  const needed = {};
  for (const [rule, broken] of Object.entries(found)) {
    const allowed = exceptions[rule];
    needed[rule] = broken.map(({ key }) => key).filter((key) => allowed.includes(key));
    problems.push(...broken.filter(({ key }) => !allowed.includes(key)).map(({ message }) => message));
    problems.push(...allowed.filter((key) => !needed[rule].includes(key)).map((key) => stale(rule, key)));
  }
  return { problems: [...problems, ...grown(lengths(sources), exceptions.lines, needed)], needed };
}

/** Files and functions that are too long, and exceptions that allow more lines than there are. */
function grown(long, allowed, needed) {
  needed.lines = {};
  const problems = [];
  for (const { key, lines, most } of long) {
    const limit = allowed[key] ?? most;
    if (lines > limit) problems.push(`${key}: ${lines} lines of ${limit}; split it`);
    if (key in allowed) needed.lines[key] = Math.min(lines, limit);
  }
  for (const [key, limit] of Object.entries(allowed)) {
    if ((needed.lines[key] ?? 0) < limit) problems.push(stale("lines", key));
  }
  return problems;
}

const stale = (rule, key) =>
  `${key}: better than its entry in test/house/exceptions.json (${rule}); npm run shrink-exceptions writes that down`;
