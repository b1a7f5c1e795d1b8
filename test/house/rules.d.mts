/** What broke a rule when the rule came, by rule; of files and functions their lines. */
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
