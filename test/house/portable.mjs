/** The portable floors can be loaded by a browser: neither their files nor any of their imports import a module of Node. */

/**
 * @param {Map<string, import("./source.mjs").Source>} sources
 * @param {RegExp} portable paths
 * @returns {{ key: string, message: string }[]}
 */
export function portability(sources, portable) {
  const problems = [];
  for (const path of sources.keys()) {
    if (!portable.test(path)) continue;
    const chain = wayToNode(sources, path);
    if (chain) problems.push({ key: path, message: `${chain.join(" imports ")}: ${path} must run in a browser, too` });
  }
  return problems;
}

/** The shortest chain of imports to a module of Node. Imports of types do not count, as they are gone when the program runs. */
function wayToNode(sources, start) {
  const found = new Map([[start, [start]]]);
  for (const [path, chain] of found) {
    for (const { from, isType } of sources.get(path).imports) {
      if (isType) continue;
      if (from.startsWith("node:")) return [...chain, from];
      if (sources.has(from) && !found.has(from)) found.set(from, [...chain, from]);
    }
  }
  return undefined;
}
