/** Long functions and files of src, each with its lines. */

const FUNCTION_LINES = 70;
const FILE_LINES = 250;

/**
 * @param {Map<string, import("./source.mjs").Source>} sources
 * @returns {{ key: string, lines: number, most: number }[]}
 */
export function lengths(sources) {
  const long = new Map();
  for (const { path, lines, functions } of sources.values()) {
    if (!path.startsWith("src/")) continue;
    note(long, path, lines, FILE_LINES);
    for (const { name, lines } of functions) note(long, `${path} ${name}`, lines, FUNCTION_LINES);
  }
  return [...long.values()];
}

/** If a file has two functions of one name, the longer one counts. */
function note(long, key, lines, most) {
  if (lines > most && lines > (long.get(key)?.lines ?? 0)) long.set(key, { key, lines, most });
}
