/** An option with a name that nothing reads is a mistake of the caller: it is refused, and the near name suggested. */
import { UsageError, unknownWord } from "./error.js";

/** Every key of `T`. The compiler refuses a record that lacks one, so that the list cannot fall behind the type. */
export type Keys<T> = Readonly<Record<keyof Required<T>, true>>;

/**
 * @param where names the record in errors: `place`, `options of openDevice`
 * @throws UsageError when `given` is no record, or has a key with a value that is not among `known`
 */
export function refuseUnknownKeys<T extends object>(given: T, known: Keys<T>, where: string): void {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new UsageError(`${where}: must be an object of options, got ${given === null ? "null" : typeof given}`);
  }
  const unknown = Object.entries(given).find(([key, value]) => value !== undefined && !Object.hasOwn(known, key));
  if (unknown) throw new UsageError(`${where}: ${unknownWord("key", unknown[0], Object.keys(known)).message}`);
}
