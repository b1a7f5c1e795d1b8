/** A choice on the command line: `--strategy`, `--compress`. */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { InvalidArgumentError } from "commander";
import type { Choice } from "../choice.js";
import type { ComparedChoice } from "../comparison/compare.js";
import { brief } from "../error.js";

/** `topk:0.01`: a name and its main option. `main` finds the key of that; undefined where there is none. */
export function parseShortChoice(text: string, main: (name: string) => string | undefined): Choice {
  const [, name, value, rest = ""] = /^([\w./-]+):([^=,:]+)(,.*)?$/s.exec(text) ?? [];
  const key = name === undefined ? undefined : main(name);
  return parseChoice(key === undefined ? text : `${name}:${key}=${value}${rest}`);
}

/** `local-sgd:H=8`, or `./mine.js:key=value`. */
export function parseChoice(text: string): Choice {
  const [, name, list] = /^(.*?)(?::([^:/\\]*=.*))?$/s.exec(text) ?? [];
  const options = list === undefined ? {} : Object.fromEntries(list.split(",").map(parseOption));
  const withOptions = Object.keys(options).length > 0 && { options };
  if (/^file:/.test(name)) return { module: name, ...withOptions };
  if (/[/\\]|\.[cm]?js$/.test(name)) return { module: pathToFileURL(resolve(name)).href, ...withOptions };
  return withOptions ? { name, ...withOptions } : name;
}

function parseOption(text: string): [string, string | number | boolean] {
  const [, key, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (key === undefined)
    throw new InvalidArgumentError(`${brief(text)}: write options as key=value, with commas between.`);
  if (value === "true" || value === "false") return [key, value === "true"];
  return [key, value.trim() !== "" && Number.isFinite(Number(value)) ? Number(value) : value];
}

/** `synchronous+topk:0.01`: a strategy and a compressor. The plus in a number such as `1e+3` separates nothing. */
export function parseCompared(text: string, main: (name: string) => string | undefined): Choice | ComparedChoice {
  const [, strategy, compress] = /^(.+?)\+([a-z./].*)$/is.exec(text) ?? [];
  if (strategy === undefined) return parseChoice(text);
  return { strategy: parseChoice(strategy), compress: parseShortChoice(compress, main) };
}
