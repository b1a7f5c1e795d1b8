/**
 * Reads the language of faults. A statement is `ACTION at WHEN`. Statements are separated by lines or by `;`, and `#` begins a
 * comment. Articles are ignored. The error for a wrong statement names its place.
 */

import { brief, UsageError } from "../error.js";
import { errorCode, explained } from "../world/disk-error.js";
import type { World } from "../world/world.js";
import type { Action, Fault } from "./fault.js";
import { EXAMPLE, type FaultScope, Statement } from "./statement.js";

export type { FaultScope };

const ARTICLES = ["a", "an", "the"];

/**
 * The faults of `text`, in their order. A text may have none.
 *
 * @throws UsageError in one line that names the statement by its line or number
 */
export function parseFaults(text: string, scope: FaultScope): Fault[] {
  return statements(text).map(({ place, words, source }) => {
    try {
      return new Statement(words, scope).fault();
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      throw new UsageError(`faults, ${place}, ${brief(source)}: ${error.message}`, { cause: error });
    }
  });
}

/**
 * Parses one fault without a time, such as `kill worker-1`, which strikes at once.
 *
 * @throws UsageError in one line
 */
export function parseAction(text: string, scope: FaultScope): Action {
  const [one, ...more] = statements(text);
  if (one && more.length === 0) return new Statement(one.words, scope).bareAction();
  throw new UsageError(`${brief(text)} is not one fault: give one such as "${EXAMPLE.replace(/ at .*/, "")}"`);
}

/**
 * The text of `--faults`: the content of the file of that name if there is one, else `text` itself.
 *
 * @throws UsageError for one word that is no file, or is a folder
 */
export async function readFaults({ disk }: World, text: string): Promise<string> {
  const status = await disk.status(text).catch((error: unknown) => {
    // These codes mean that the text cannot be the name of a file. Other errors are about an existing file.
    if (["ENAMETOOLONG", "ERR_INVALID_ARG_VALUE"].includes(errorCode(error) ?? "")) return undefined;
    throw error;
  });
  if (status?.kind === "file") return new TextDecoder().decode(await explained("read", text, disk.read(text)));
  if (status || !/\s/.test(text.trim())) {
    const what = status ? "is a folder" : "is neither a file nor a fault";
    throw new UsageError(`--faults ${brief(text)} ${what}: give a file of faults, or faults such as "${EXAMPLE}"`);
  }
  return text;
}

interface Source {
  /** `line 3` of a text of several lines, `statement 2` of one line. */
  readonly place: string;
  readonly source: string;
  readonly words: string[];
}

function statements(text: string): Source[] {
  const lines = text.split(/\r?\n/);
  return lines.flatMap((line, i) =>
    line
      .replace(/#.*/, "")
      .split(";")
      .map((source, j) => ({
        place: lines.length > 1 ? `line ${i + 1}` : `statement ${j + 1}`,
        source: source.trim(),
        words: source
          .toLowerCase()
          .split(/\s+/)
          .filter((word) => word !== "" && !ARTICLES.includes(word)),
      }))
      .filter(({ words }) => words.length > 0),
  );
}
