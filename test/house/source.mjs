/** The facts about a file that the rules need: its imports and exports, the files that it names, and its functions' lengths. */
import { posix } from "node:path";
import { parseSync } from "oxc-parser";

const FUNCTIONS = ["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"];

/**
 * @typedef {object} Import
 * @property {string} from the module's name, or for a file of the project its path
 * @property {string[] | "all"} names
 * @property {boolean} isType whether it is gone when the program runs
 *
 * @typedef {object} Source
 * @property {string} path from the root
 * @property {number} lines
 * @property {Import[]} imports
 * @property {string[]} exports
 * @property {{ from: string, name?: string, as?: string }[]} reexports no name: all of a module, under one name or as they are
 * @property {string[]} mentions files of the project that a string names: what is started or loaded by its path
 * @property {{ name: string, lines: number }[]} functions
 */

/**
 * The files, read.
 * @param {ReadonlyMap<string, string>} texts by path from the root
 * @returns {Map<string, Source>}
 */
export function readSources(texts) {
  return new Map([...texts].map(([path, text]) => [path, readSource(path, text, texts)]));
}

function readSource(path, text, texts) {
  const { module, program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0].message}`);
  const lineAt = lineCounter(text);
  const { functions, typeImports } = walk(program, lineAt);
  const imports = [...staticImports(module), ...reexports(module), ...dynamicImports(module, text), ...typeImports];
  return {
    path,
    lines: lineAt(text.trimEnd().length),
    imports: imports.map((item) => ({ ...item, from: fileOf(path, item.from, texts) ?? item.from })),
    exports: module.staticExports.flatMap(({ entries }) =>
      entries.flatMap(({ exportName }) => nameOf(exportName) ?? []),
    ),
    reexports: module.staticExports
      .flatMap(({ entries }) => entries)
      .filter(({ moduleRequest }) => moduleRequest !== null)
      .map(({ moduleRequest, importName, exportName }) => ({
        from: fileOf(path, moduleRequest.value, texts) ?? moduleRequest.value,
        name: nameOf(importName),
        as: nameOf(exportName),
      })),
    mentions: mentions(path, text, texts),
    functions,
  };
}

const staticImports = ({ staticImports }) =>
  staticImports.map(({ moduleRequest, entries }) => ({
    from: moduleRequest.value,
    names: namesOf(entries),
    isType: entries.length > 0 && entries.every(({ isType }) => isType),
  }));

const reexports = ({ staticExports }) =>
  staticExports.flatMap(({ entries }) =>
    entries
      .filter(({ moduleRequest }) => moduleRequest !== null)
      .map((entry) => ({ from: entry.moduleRequest.value, names: namesOf([entry]), isType: entry.isType })),
  );

const dynamicImports = ({ dynamicImports }, text) =>
  dynamicImports.map(({ moduleRequest: { start, end } }) => ({
    from: text.slice(start + 1, end - 1),
    names: "all",
    isType: false,
  }));

function namesOf(entries) {
  const names = entries.map(({ importName }) => nameOf(importName));
  return names.includes(undefined) ? "all" : names;
}

/** The imported name. Undefined if the import is of the whole module. */
function nameOf({ kind, name }) {
  if (kind === "Default") return "default";
  return kind === "Name" ? name : undefined;
}

/** The functions of a syntax tree, by the names that they are bound to, and the modules of `import("...")` in types. */
function walk(program, lineAt) {
  const functions = [];
  const typeImports = [];
  const visit = (node, name) => {
    if (FUNCTIONS.includes(node.type)) {
      functions.push({ name: node.id?.name ?? name, lines: lineAt(node.end) - lineAt(node.start) + 1 });
    }
    if (node.type === "TSImportType") typeImports.push({ from: node.source.value, names: "all", isType: true });
    const bound = (node.key ?? node.id ?? node.left)?.name ?? name;
    for (const child of Object.values(node)) {
      for (const inner of Array.isArray(child) ? child : [child]) if (inner?.type) visit(inner, bound);
    }
  };
  visit(program, "(module)");
  return { functions, typeImports };
}

/** The line, from 1, of an offset. */
function lineCounter(text) {
  const ends = [...text.matchAll(/\n/g)].map(({ index }) => index);
  return (offset) => {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ends[middle] < offset) low = middle + 1;
      else high = middle;
    }
    return low + 1;
  };
}

const mentions = (path, text, texts) =>
  [...text.matchAll(/["'`]([\w./-]+\.m?[jt]s)["'`]/g)].flatMap(([, name]) => {
    const relative = name.startsWith(".") ? name : `./${name}`;
    return fileOf(path, relative, texts) ?? fileOf("", `./${name}`, texts) ?? [];
  });

/** The file that a module's name means in the file at `path`. For a file in `dist` it is the source in `src`. */
function fileOf(path, name, texts) {
  if (!name.startsWith(".")) return undefined;
  const file = posix.join(posix.dirname(path), name).replace(/^(\.\.\/)*dist\//, "src/");
  return [file, file.replace(/js$/, "ts"), file.replace(/\.mjs$/, ".d.mts")].find((each) => texts.has(each));
}
