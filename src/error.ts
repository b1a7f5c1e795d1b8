/**
 * The errors a person sees. Every message is one line that says what is wrong, the value, where, and what to do.
 * The class decides the exit code of the command line: wrong use is 2, everything else 1.
 */
import { distance } from "fastest-levenshtein";

/** Base of every error that Dawnpour throws on purpose. Anything else that surfaces is a bug of ours. */
export class DawnpourError extends Error {
  override name = "DawnpourError";
}

/** The caller asked for something that cannot be: an unknown option, sizes that contradict one another. */
export class UsageError extends DawnpourError {
  override name = "UsageError";
}

/** A file is missing, damaged, or not what its name says. */
export class DataError extends DawnpourError {
  override name = "DataError";
}

/** Letters of a word that is worth looking for in longer ones. */
const TELLING = 3;

/**
 * The known word nearest to `word`: the only one of which it is a part, as `gpu` is of `webgpu`, else the one that is spelt most
 * like it; undefined when none is near enough to be a slip of the keyboard.
 */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const longer = known.filter((candidate) => candidate.toLowerCase().includes(word.toLowerCase()));
  if (longer.length === 1 && word.length >= TELLING) return longer[0];
  const ranked = known
    .map((candidate) => ({ candidate, edits: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits);
  const best = ranked[0];
  return best && best.edits <= Math.max(2, Math.floor(word.length / 3)) ? best.candidate : undefined;
}

/** `unknown activation "sigmod": did you mean "sigmoid"? (one of linear, relu, ...)` */
export function unknownWord(what: string, word: string, known: readonly string[]): UsageError {
  const near = nearest(word, known);
  const words = known.join(", ");
  return new UsageError(
    `unknown ${what} "${word}": ${near ? `did you mean "${near}"? (one of ${words})` : `use one of ${words}`}`,
  );
}
