/** A choice of one of several, as plain data: one by name, or the default export of a module; with options. */
import { brief, UsageError, unknownWord } from "./error.js";

/** Plain values: on the command line, `key=value`. */
export type ChoiceOptions = Readonly<Record<string, string | number | boolean>>;

/** One by its name, or by its module. */
export type Choice =
  | string
  | { readonly name: string; readonly options?: ChoiceOptions }
  /** By its URL. */
  | { readonly module: string; readonly options?: ChoiceOptions };

/** As users give it: a module also by a `URL`. */
export type AskedChoice =
  | string
  | { readonly name: string; readonly options?: ChoiceOptions }
  | { readonly module: string | URL; readonly options?: ChoiceOptions };

/**
 * One form of each choice, so that equal choices are equal text: a name without options is a word, options are sorted, a
 * module is the text of its URL.
 *
 * @param what is chosen, for errors: `strategy`
 * @throws UsageError for a module that is no file
 */
export function normalChoice(choice: AskedChoice, what: string): Choice {
  if (typeof choice === "string") return choice;
  const given = Object.entries(choice.options ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const options = given.length > 0 ? { options: Object.fromEntries(given) } : {};
  if ("name" in choice) return given.length > 0 ? { name: choice.name, ...options } : choice.name;
  const module = String(choice.module);
  if (!module.startsWith("file:")) {
    throw new UsageError(
      `${what} module ${brief(module)} is not a file: URL; give new URL("./mine.js", import.meta.url)`,
    );
  }
  return { module, ...options };
}

/** `local-sgd:H=8` */
export function choiceText(choice: Choice): string {
  if (typeof choice === "string") return choice;
  const options = Object.entries(choice.options ?? {}).map(([key, value]) => `${key}=${value}`);
  const name = "module" in choice ? (choice.module.split("/").at(-1) ?? "") : choice.name;
  return options.length > 0 ? `${name}:${options.join(",")}` : name;
}

export const optionsOf = (choice: AskedChoice): ChoiceOptions =>
  typeof choice === "string" ? {} : (choice.options ?? {});

/** What a choice means. */
interface Choices<T> {
  /** For errors: `strategy`. */
  readonly what: string;
  names(): readonly string[];
  /** Undefined where there is none of that name. */
  find(name: string): T | undefined;
  /** Whether a module's default export is one. */
  isOne(exported: unknown): exported is T;
  /** What such an export is, and how it is written: `function`, `export default function (options) { ... }`. */
  readonly kind: string;
  readonly example: string;
}

/** @throws UsageError when there is none of that name, or when the module has none */
export async function loadChoice<T>(choice: AskedChoice, choices: Choices<T>): Promise<T> {
  if (typeof choice === "object" && "module" in choice) return load(String(choice.module), choices);
  const name = typeof choice === "string" ? choice : choice.name;
  const found = choices.find(name);
  if (found) return found;
  const { message } = unknownWord(choices.what, name, choices.names());
  throw new UsageError(`${message}, or the path of a module, as in ./mine.js`);
}

async function load<T>(url: string, { what, isOne, kind, example }: Choices<T>): Promise<T> {
  let module: { readonly default?: unknown };
  try {
    module = await unlessStuck(import(url), what, url);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${what} ${url} cannot be loaded: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
  if (isOne(module.default)) return module.default;
  const names = Object.keys(module).join(", ") || "nothing";
  throw new UsageError(`${what} ${url} has no ${kind} as its default export (it exports ${names}): write "${example}"`);
}

/**
 * A module that awaits a run of its own at its top level waits for itself: nothing is left to do, and the process would end
 * without a word.
 */
function unlessStuck<T>(loading: Promise<T>, what: string, url: string): Promise<T> {
  if (typeof process === "undefined") return loading;
  return new Promise((resolve, reject) => {
    const stuck = (): void =>
      reject(
        new UsageError(
          `${what} ${url} awaits at its top level what needs the module itself: start the run in a function that is not awaited there, as in "async function main() { ... }" and "main();"`,
        ),
      );
    process.once("beforeExit", stuck);
    loading.then(resolve, reject).finally(() => process.off("beforeExit", stuck));
  });
}

/** @throws UsageError for an option that is not known. @param owner `strategy diloco` */
export function refuseOptions(owner: string, options: ChoiceOptions, known: readonly string[]): void {
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue;
    if (known.length === 0) throw new UsageError(`${owner} has no options, got ${brief(key)}: leave it out`);
    throw new UsageError(`${owner}: ${unknownWord("option", key, known).message}`);
  }
}

/** The option `key`, a whole number from `least` to `most`; `usual` where it is not given. @param owner `strategy diloco` */
export function wholeOption(
  owner: string,
  options: ChoiceOptions,
  key: string,
  usual: number,
  [least, most]: readonly [number, number],
): number {
  const value = options[key] ?? usual;
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= least && value <= most) return value;
  throw new UsageError(`${owner}: ${key} must be a whole number from ${least} to ${most}, got ${brief(value)}`);
}

/** The option `key`, a number from `least` to `most`, both included; `usual` where it is not given. */
export function numberOption(
  owner: string,
  options: ChoiceOptions,
  key: string,
  usual: number,
  [least, most]: readonly [number, number],
): number {
  const value = options[key] ?? usual;
  if (typeof value === "number" && value >= least && value <= most) return value;
  throw new UsageError(`${owner}: ${key} must be a number from ${least} to ${most}, got ${brief(value)}`);
}
