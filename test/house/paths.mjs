/** Links and paths that name no file of the project, in its pages and in the comments and strings of its code. */
import { posix } from "node:path";

const ENDING = "\\.(?:tsx?|m[jt]s|js|h|cc|wgsl|md|py|sh|svg)";
const LINK = /\]\(([^)\s]+)\)/g;
const QUOTED = new RegExp(`\`([\\w-]+/[\\w./-]+${ENDING})\``, "g");
const PATH = new RegExp(
  `(?<![\\w./-])(?:src|test|native|shaders|docs|bench|examples)/[\\w./-]+${ENDING}(?![\\w*])`,
  "g",
);
/** Tests of rules invent files, and `NAME` stands for a name. */
const isInvented = (path, name) => path.endsWith(".test.ts") || name.includes("NAME");

/**
 * @param {ReadonlyMap<string, string>} texts by path from the root
 * @param {ReadonlySet<string>} files every path from the root
 * @returns {{ key: string, message: string }[]}
 */
export function deadPaths(texts, files) {
  const there = new Set([...files].flatMap((path) => [path, ...foldersOf(path)]));
  return [...texts].flatMap(([path, text]) => {
    const named = all(text, PATH).filter((name) => !there.has(name) && !isInvented(path, name));
    const dead = path.endsWith(".md") ? deadOnPage(path, text, texts, there) : [];
    return [...new Set([...named, ...dead])].map((name) => ({
      key: `${path} ${name}`,
      message: `${path}: names ${name}, which does not exist`,
    }));
  });
}

/** A page also has links, and paths within src. */
function deadOnPage(page, text, texts, there) {
  const links = all(text, LINK).filter((link) => !/^\w+:/.test(link) && !leads(page, link, texts, there));
  const quoted = all(text, QUOTED).filter((name) => !isInvented(page, name));
  return [...links, ...quoted.filter((name) => !there.has(name) && !there.has(`src/${name}`))];
}

function leads(page, link, texts, there) {
  const [target, anchor] = link.split("#");
  const path = target === "" ? page : posix.join(posix.dirname(page), target).replace(/\/$/, "");
  return there.has(path) && (anchor === undefined || anchorsOf(texts.get(path) ?? "").includes(anchor));
}

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(page) {
  const headings = all(page, /^#+ (.*)$/gm).map((heading) => heading.toLowerCase());
  return headings.map((heading) => heading.replace(/[^\p{L}\p{N}\s_-]/gu, "").replace(/\s/g, "-"));
}

function foldersOf(path) {
  const folder = posix.dirname(path);
  return folder === "." ? [] : [folder, ...foldersOf(folder)];
}

/** The first group of each match, or the match where there is no group. */
function all(text, pattern) {
  return [...text.matchAll(pattern)].map(([whole, group = whole]) => group);
}
