/** Command lines that can be pasted into a shell. */

/** Words that a shell reads without quotes. */
const PLAIN = /^[\w@%+=:,./-]+$/;

/** `dawnpour train --faults 'kill worker-1 at step 5'` */
export function commandLine(words: readonly string[]): string {
  return ["dawnpour", ...words].map(shellWord).join(" ");
}

/** A word as a POSIX shell reads it back. */
export function shellWord(word: string): string {
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
