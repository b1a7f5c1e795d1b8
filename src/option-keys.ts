/** Refuses options that do not exist, and suggests the nearest name: such an option is a mistake of the caller. */
import { UsageError, unknownWord } from "./error.js";

/** A record of every key of `T`. The compiler refuses a record that lacks a key, so the record stays up to date with the type. */
export type Keys<T> = Readonly<Record<keyof Required<T>, true>>;

/**
 * @param where the name of the record in errors: `place`, `options of openDevice`
 * @throws UsageError when `given` is no record, or has a value under a key that is not in `known`
 */
export function refuseUnknownKeys<T extends object>(given: T, known: Keys<T>, where: string): void {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new UsageError(`${where}: must be an object of options, got ${given === null ? "null" : typeof given}`);
  }
  const unknown = Object.entries(given).find(([key, value]) => value !== undefined && !Object.hasOwn(known, key));
  if (unknown) throw new UsageError(`${where}: ${unknownWord("key", unknown[0], Object.keys(known)).message}`);
}
