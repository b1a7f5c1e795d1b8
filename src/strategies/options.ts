/** Reads the options that a user gives to a strategy. */
import {
  type ChoiceOptions,
  numberOption as number,
  refuseOptions as refuseUnknown,
  wholeOption as whole,
} from "../choice.js";
import { brief, UsageError } from "../error.js";

/** @throws UsageError for an option that the strategy does not have */
export const refuseOptions = (strategy: string, options: ChoiceOptions, known: readonly string[]): void =>
  refuseUnknown(`strategy ${strategy}`, options, known);

/** The most steps of a round: a round is planned as a whole, so a longer one would take all time and memory before it begins. */
const MOST = 1e6;

/** The option `key`, a whole number from 1 to `most`; `usual` where it is not given. */
export const wholeOption = (
  strategy: string,
  options: ChoiceOptions,
  key: string,
  usual: number,
  most: number = MOST,
): number => whole(`strategy ${strategy}`, options, key, usual, [1, most]);

/** The option `key`, a number from `least` to `most`, both included; `usual` where it is not given. */
export const numberOption = (
  strategy: string,
  options: ChoiceOptions,
  key: string,
  usual: number,
  range: readonly [number, number],
): number => number(`strategy ${strategy}`, options, key, usual, range);

/** The option `key`, true or false; `usual` where it is not given. */
export function flagOption(strategy: string, options: ChoiceOptions, key: string, usual: boolean): boolean {
  const value = options[key] ?? usual;
  if (typeof value === "boolean") return value;
  throw new UsageError(`strategy ${strategy}: ${key} must be true or false, got ${brief(value)}`);
}
