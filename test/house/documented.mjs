/**
 * Every name of an entry point has a comment that begins with a sentence, and so have the methods of its classes and interfaces.
 * A method that comes from a base class or an interface may have its comment there. `npm run docs` checks the same, but needs a
 * library that is installed separately.
 */
import { parseSync } from "oxc-parser";

const METHODS = ["MethodDefinition", "TSMethodSignature", "TSAbstractMethodDefinition"];

/**
 * @param {ReadonlyMap<string, string>} texts
 * @param {Map<string, import("./source.mjs").Source>} sources
 * @param {readonly string[]} entries
 * @returns {{ key: string, message: string }[]}
 */
export function documented(texts, sources, entries) {
  const problems = new Map();
  const files = new Map();
  const open = (path) => {
    if (!files.has(path)) files.set(path, declarations(texts.get(path)));
    return files.get(path);
  };
  for (const { path, name } of exported(sources, entries)) {
    for (const what of open(path).get(name)?.() ?? []) {
      const key = `${path} ${what}`;
      problems.set(key, {
        key,
        message: `${path}: ${what} is exported to users, and has no comment that says what it is`,
      });
    }
  }
  return [...problems.values()];
}

/** Each name of the entry points, by the file that declares it. */
function exported(sources, entries) {
  const found = [];
  const follow = (path, name) => {
    const source = sources.get(path);
    const ways = source.reexports.filter(({ as }) => as === name || as === undefined);
    for (const { from, name: inner, as } of ways) {
      if (!sources.has(from)) continue;
      if (inner !== undefined) follow(from, inner);
      else if (as === name) for (const each of namesOf(from)) follow(from, each);
      else if (namesOf(from).includes(name)) follow(from, name);
    }
    if (!ways.some(({ as }) => as === name)) found.push({ path, name });
  };
  const namesOf = (path) => {
    const { exports, reexports } = sources.get(path);
    const all = reexports.filter(({ as, from }) => as === undefined && sources.has(from));
    return [...exports, ...all.flatMap(({ from }) => namesOf(from))];
  };
  for (const entry of entries) for (const name of namesOf(entry)) follow(entry, name);
  return found;
}

/** For each name a function that lists what lacks a comment: the name itself, and its methods. */
function declarations(text) {
  const { program, comments } = parseSync("file.ts", text);
  const isDescribed = (node) => {
    const comment = comments.findLast(({ end }) => end <= node.start);
    const isBefore = comment?.type === "Block" && text.slice(comment.end, node.start).trim() === "";
    return isBefore && /^\*\s*(\*\s*)?(@internal\b|[^@\s*])/.test(comment.value);
  };
  const found = new Map();
  for (const statement of program.body) {
    const declaration = statement.declaration ?? statement;
    for (const { name } of (declaration.declarations ?? [declaration]).flatMap(({ id }) => id ?? [])) {
      if (name === undefined || found.has(name)) continue;
      found.set(name, () => [
        ...(isDescribed(statement) ? [] : [name]),
        ...methods(declaration)
          .filter((method) => !isDescribed(method))
          .map(({ key }) => `${name}.${key.name ?? key.property?.name}`),
      ]);
    }
  }
  return found;
}

function methods({ body, superClass, implements: interfaces = [] }) {
  if (superClass || interfaces.length > 0 || !Array.isArray(body?.body)) return [];
  const seen = new Set();
  return body.body.filter((member) => {
    if (!METHODS.includes(member.type) || member.key.type === "PrivateIdentifier") return false;
    if (member.accessibility === "private" || member.accessibility === "protected" || member.kind === "set")
      return false;
    // If there are several signatures, the first has the comment.
    const isFirst = !seen.has(member.key.name);
    seen.add(member.key.name);
    return isFirst;
  });
}
