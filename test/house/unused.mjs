/** Files that no entry point reaches, and exports that no other file uses. Tests and benchmarks count as users, too. */

/**
 * @param {Map<string, import("./source.mjs").Source>} sources
 * @param {readonly string[]} entries the package's entry points: what they export is for its users
 * @returns {{ key: string, message: string }[]}
 */
export function unused(sources, entries) {
  const inSrc = [...sources.values()].filter(({ path }) => path.startsWith("src/"));
  const reached = reachable(sources, entries);
  const files = inSrc
    .filter(({ path }) => !reached.has(path))
    .map(({ path }) => ({ key: path, message: `${path}: no entry point of the package reaches this file; remove it` }));
  const used = uses(sources);
  const names = inSrc
    .filter(({ path }) => reached.has(path) && !entries.includes(path) && used.get(path) !== "all")
    .flatMap(({ path, exports }) =>
      exports
        .filter((name) => !used.get(path)?.has(name))
        .map((name) => ({
          key: `${path} ${name}`,
          message: `${path}: no other file uses the export ${name}; remove the word export, or all of it`,
        })),
    );
  return [...files, ...names];
}

function reachable(sources, entries) {
  const found = new Set(entries);
  for (const path of found) {
    const { imports, mentions } = sources.get(path);
    for (const next of [...imports.map(({ from }) => from), ...mentions]) {
      if (next.startsWith("src/") && sources.has(next)) found.add(next);
    }
  }
  return found;
}

/** For each file the names that other files use, or "all". */
function uses(sources) {
  const used = new Map();
  for (const { path, imports, mentions } of sources.values()) {
    for (const { from, names } of imports) {
      if (names === "all") used.set(from, "all");
      else if (used.get(from) !== "all") used.set(from, new Set([...(used.get(from) ?? []), ...names]));
    }
    // A path in src starts a program, which uses no export. A path in a test may load all exports.
    if (!path.startsWith("src/")) for (const file of mentions) used.set(file, "all");
  }
  return used;
}
