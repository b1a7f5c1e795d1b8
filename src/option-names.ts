/**
 * Errors name options as the caller writes them. Below, messages say `--step-timeout`, as on the command line; what a program
 * calls passes through here on its way out of the package, and says `stepTimeout`.
 */
import { DawnpourError } from "./error.js";

/** Options that have another name in the library. */
const RENAMED: Readonly<Record<string, string>> = { weights: "initial" };

type Call = (...args: never[]) => unknown;

/** The same function, with errors in the words of a program. */
export function withOptionNames<F extends Call>(call: F): F {
  const named = (...args: never[]): unknown => {
    try {
      const result = call(...args);
      return result instanceof Promise ? result.catch(rethrow) : result;
    } catch (error) {
      return rethrow(error);
    }
  };
  return named as F;
}

function rethrow(error: unknown): never {
  if (error instanceof DawnpourError) {
    const { message, stack } = error;
    error.message = optionNames(message);
    // It begins with the message, and is what is printed of an error that nothing catches.
    error.stack = stack?.replace(message, () => error.message);
  }
  throw error;
}

/** `give --step-timeout` as `give stepTimeout`; `out (--out)` as `out`. */
export function optionNames(message: string): string {
  return message
    .replace(/(?<![\w-])--([a-z][a-z0-9]*(?:-[a-z0-9]+)*)/g, (_, flag: string) => RENAMED[flag] ?? camelCase(flag))
    .replace(/\b(\w+) \(\1\)/g, "$1");
}

const camelCase = (flag: string): string => flag.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
