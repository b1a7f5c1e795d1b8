/**
 * Errors name options as the caller writes them. Inside the package, messages say `--step-timeout`, as on the command line. The
 * functions that the package exports pass their errors through this file, which changes that to `stepTimeout`.
 */
import { DawnpourError } from "./error.js";

/** Options that have another name in the library. */
const RENAMED: Readonly<Record<string, string>> = { weights: "initial" };

type Call = (...args: never[]) => unknown;

/** The same function, but its errors name options as a program writes them. */
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
    // Node prints the stack of an error that nothing catches, and the stack begins with the message.
    error.stack = stack?.replace(message, () => error.message);
  }
  throw error;
}

/** Changes `give --step-timeout` to `give stepTimeout`, and `out (--out)` to `out`. */
export function optionNames(message: string): string {
  return message
    .replace(/(?<![\w-])--([a-z][a-z0-9]*(?:-[a-z0-9]+)*)/g, (_, flag: string) => RENAMED[flag] ?? camelCase(flag))
    .replace(/\b(\w+) \(\1\)/g, "$1");
}

const camelCase = (flag: string): string => flag.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
