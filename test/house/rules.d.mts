/** The exceptions of each rule: code that broke it when it was introduced. Long files and functions have their lines. */
export interface Exceptions {
  readonly layers: readonly string[];
  readonly portable: readonly string[];
  readonly unused: readonly string[];
  readonly documented: readonly string[];
  readonly lines: Readonly<Record<string, number>>;
}

export function check(house: {
  readonly texts: ReadonlyMap<string, string>;
  readonly entries: readonly string[];
  readonly floors: readonly string[];
  readonly portable: RegExp;
  readonly exceptions: Exceptions;
}): { problems: string[]; needed: Exceptions };
