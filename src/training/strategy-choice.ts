/** Which strategy a run has, as plain data: one by name, or the default export of a module. */

import { brief, UsageError } from "../error.js";

/** Plain values: on the command line, `key=value`. */
export type StrategyOptions = Readonly<Record<string, string | number | boolean>>;

/** A strategy as it was asked for: by its name, or as a module. */
export type StrategyChoice =
  | string
  | { readonly name: string; readonly options?: StrategyOptions }
  /** By its URL. */
  | { readonly module: string; readonly options?: StrategyOptions };

/** As users give it: a module also by a `URL`. */
export type AskedStrategy =
  | string
  | { readonly name: string; readonly options?: StrategyOptions }
  | { readonly module: string | URL; readonly options?: StrategyOptions };

/** The strategy of a run that names none. */
export const SYNCHRONOUS = "synchronous";

/** The configuration of a run without workers. @throws UsageError for a strategy that needs some */
export function withoutWorkers<C extends { readonly strategy?: StrategyChoice }>(config: C): C {
  const { strategy = SYNCHRONOUS } = config;
  if (strategy === SYNCHRONOUS) return config;
  throw new UsageError(`strategy ${choiceText(strategy)} needs workers: use train, or runDistributed`);
}

/**
 * One form of each choice, so that equal choices are equal text: a name without options is a word, options are sorted, a
 * module is the text of its URL.
 * @throws UsageError for a module that is no file
 */
export function normalChoice(choice: AskedStrategy): StrategyChoice {
  if (typeof choice === "string") return choice;
  const given = Object.entries(choice.options ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const options = given.length > 0 ? { options: Object.fromEntries(given) } : {};
  if ("name" in choice) return given.length > 0 ? { name: choice.name, ...options } : choice.name;
  const module = String(choice.module);
  if (!module.startsWith("file:")) {
    throw new UsageError(
      `strategy module ${brief(module)} is not a file: URL; give new URL("./mine.js", import.meta.url)`,
    );
  }
  return { module, ...options };
}

/** `local-sgd:H=8` */
export function choiceText(choice: StrategyChoice): string {
  if (typeof choice === "string") return choice;
  const options = Object.entries(choice.options ?? {}).map(([key, value]) => `${key}=${value}`);
  const name = "module" in choice ? (choice.module.split("/").at(-1) ?? "") : choice.name;
  return options.length > 0 ? `${name}:${options.join(",")}` : name;
}
