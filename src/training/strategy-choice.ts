/** Which strategy a run has, as plain data: one by name, or the default export of a module. */

import { UsageError } from "../error.js";

/** Plain values: on the command line, `key=value`. */
export type StrategyOptions = Readonly<Record<string, string | number | boolean>>;

/** A strategy as it was asked for: by its name, or as a module. */
export type StrategyChoice =
  | string
  | { readonly name: string; readonly options?: StrategyOptions }
  /** By its URL. */
  | { readonly module: string; readonly options?: StrategyOptions };

/** The strategy of a run that names none. */
export const SYNCHRONOUS = "synchronous";

/** The configuration of a run without workers. @throws UsageError for a strategy that needs some */
export function withoutWorkers<C extends { readonly strategy?: StrategyChoice }>(config: C): C {
  const { strategy = SYNCHRONOUS } = config;
  if (strategy === SYNCHRONOUS) return config;
  throw new UsageError(`strategy ${choiceText(strategy)} needs workers: use train, or runDistributed`);
}

/** `local-sgd:H=8` */
export function choiceText(choice: StrategyChoice): string {
  if (typeof choice === "string") return choice;
  const options = Object.entries(choice.options ?? {}).map(([key, value]) => `${key}=${value}`);
  const name = "module" in choice ? (choice.module.split("/").at(-1) ?? "") : choice.name;
  return options.length > 0 ? `${name}:${options.join(",")}` : name;
}
