/**
 * The errors that a user sees. Every message is one line that says what is wrong, the value, where, and what to do.
 * The class decides the exit code of the command line: wrong use is 2, everything else 1.
 */
import { distance } from "fastest-levenshtein";

/** Base of every error that Dawnpour throws on purpose. Any other error is a bug of Dawnpour. */
export class DawnpourError extends Error {
  override name = "DawnpourError";

  /**
   * As `Error`.
   * @param message becomes one line of bounded length: it quotes what users typed and what files contain
   */
  constructor(message: string, options?: ErrorOptions) {
    super(oneLine(message), options);
  }
}

/** The caller asked for something that cannot be: an unknown option, sizes that contradict one another. */
export class UsageError extends DawnpourError {
  override name = "UsageError";
}

/** A file is missing, damaged, or not what its name says. */
export class DataError extends DawnpourError {
  override name = "DataError";
}

/** Characters that a message keeps of its beginning, and of its end, where the advice stands. */
const [LONGEST_HEAD, LONGEST_TAIL] = [1500, 500];

/** The text without line breaks and control characters, its middle left out where it is too long for a person. */
export function oneLine(text: string): string {
  const head = text.slice(0, text.length > LONGEST_HEAD + LONGEST_TAIL ? LONGEST_HEAD : text.length);
  const tail = text.slice(head.length).slice(-LONGEST_TAIL);
  const missing = text.length - head.length - tail.length;
  const kept = missing > 0 ? `${head} ... (${missing} characters left out) ... ${tail}` : head + tail;
  return kept.replace(/\s*[\r\n\u2028\u2029]\s*/g, " ").replace(/\p{Cc}/gu, "?");
}

/** The message of anything that was thrown, in one line. */
export const messageOf = (error: unknown): string => oneLine(error instanceof Error ? error.message : String(error));

/** Characters of a text, and entries of a list or record, that a message quotes. */
const [QUOTED_CHARACTERS, QUOTED_ENTRIES, QUOTED_DEPTH] = [120, 8, 2];

/** A value as a message quotes it: as JSON where that is short, else its beginning. Never reads more than it quotes. */
export function brief(value: unknown, depth = QUOTED_DEPTH): string {
  if (typeof value === "string") {
    const rest = value.length - QUOTED_CHARACTERS;
    return rest > 0 ? `${JSON.stringify(value.slice(0, QUOTED_CHARACTERS))}... (${rest} more)` : JSON.stringify(value);
  }
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) return String(value);
  if (ArrayBuffer.isView(value)) return `a ${value.constructor.name} of ${value.byteLength} bytes`;
  if (depth === 0) return Array.isArray(value) ? "[...]" : "{...}";
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  const keys = Object.keys(value).slice(0, QUOTED_ENTRIES);
  const entries = keys.map((key) => {
    const entry = brief((value as Record<string, unknown>)[key], depth - 1);
    return Array.isArray(value) ? entry : `${JSON.stringify(key)}:${entry}`;
  });
  const rest = Object.keys(value).length - keys.length;
  return `${open}${[...entries, ...(rest > 0 ? [`... ${rest} more`] : [])].join(",")}${close}`;
}

/** Fewest letters of a word that is searched for within longer words. */
const TELLING = 3;
/** A longer word is not near any known word, and the search would take long. */
const LONGEST_WORD = 100;

/**
 * The known word nearest to `word`: the only one of which it is a part, as `gpu` is of `webgpu`, else the one that is spelt most
 * like it; undefined when none is near enough to be a slip of the keyboard.
 */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (word.length > LONGEST_WORD) return undefined;
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
    `unknown ${what} ${brief(word)}: ${near ? `did you mean "${near}"? (one of ${words})` : `use one of ${words}`}`,
  );
}
