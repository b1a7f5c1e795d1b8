/** Imports run downwards only, and the folders of one floor do not import one another in a circle. */
import { posix } from "node:path";

/**
 * @param {Map<string, import("./source.mjs").Source>} sources
 * @param {readonly string[]} floors folders and files of src, the lowest first
 * @returns {{ key: string, message: string }[]}
 */
export function layers(sources, floors) {
  const problems = [];
  const edges = new Map();
  for (const { path, imports } of sources.values()) {
    if (!path.startsWith("src/")) continue;
    const floor = floorOf(path);
    if (!floors.includes(floor)) {
      problems.push({ key: path, message: `${path}: ${floor} is none of the floors in test/house/rules.mjs` });
    }
    for (const { from } of imports) {
      if (!from.startsWith("src/")) continue;
      if (floors.indexOf(floorOf(from)) > floors.indexOf(floor)) {
        const message = `${path}: imports ${from}, which is on a higher floor (test/house/rules.mjs)`;
        problems.push({ key: `${path} -> ${from}`, message });
      }
      const [one, other] = [posix.dirname(path), posix.dirname(from)];
      // A circle between floors has an import from a higher floor, which is reported already.
      if (floorOf(from) === floor && !isWithin(one, other) && !isWithin(other, one)) {
        edges.set(one, (edges.get(one) ?? new Map()).set(other, `${path} imports ${from}`));
      }
    }
  }
  return [...problems, ...circles(edges)];
}

const floorOf = (path) => path.split("/")[1];

const isWithin = (folder, outer) => `${folder}/`.startsWith(`${outer}/`);

/** One problem for each pair of folders of which one imports the other and is reached from it. */
function circles(edges) {
  const problems = [];
  for (const [one, targets] of edges) {
    for (const [other, how] of targets) {
      const back = way(edges, other, one);
      if (back === undefined || (edges.get(other)?.has(one) && other < one)) continue;
      const key = `${one} <-> ${other}`;
      problems.push({ key, message: `a circle of folders: ${[how, ...back].join("; ")}` });
    }
  }
  return problems;
}

/** The shortest way from one folder to another along imports. */
function way(edges, from, to) {
  const found = new Map([[from, []]]);
  for (const [folder, path] of found) {
    if (folder === to) return path;
    for (const [next, how] of edges.get(folder) ?? []) if (!found.has(next)) found.set(next, [...path, how]);
  }
  return undefined;
}
