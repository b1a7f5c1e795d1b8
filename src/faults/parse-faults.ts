/**
 * Reads the language of faults: `ACTION at WHEN`, one statement a line or several with `;` between them, `#` before a
 * comment. Articles may be there or not. A statement that cannot be meant is refused with the place where it stands.
 */

import { COORDINATOR, deviceName, workerName } from "../cluster/names.js";
import { brief, nearest, UsageError, unknownWord } from "../error.js";
import { errorCode, explained } from "../world/disk-error.js";
import { DURATION_FORM, parseDuration } from "../world/duration.js";
import type { World } from "../world/world.js";
import type { Action, Fault, FaultKind, Moment } from "./fault.js";

const ARTICLES = ["a", "an", "the"];
const ACTIONS = ["kill", "hang", "lose", "flip", "spoil", "fail", "tear", "cut"] as const;
const EXAMPLE = "kill worker-1 at step 200";
/** A whole statement of each action, to be shown to those who begin one and do not know how it goes on. */
const EXAMPLES: Readonly<Record<FaultKind, string>> = {
  kill: EXAMPLE,
  hang: "hang worker-1 for 10s at 30s",
  lose: "lose device-0 at step 50",
  flip: "flip a gradient bit of worker-1 at step 70",
  spoil: "spoil a gradient of worker-1 at step 70",
  fail: "fail disk at checkpoint 3",
  tear: "tear checkpoint at checkpoint 3",
  cut: "cut worker-1 for 2s at 30s",
};

export interface FaultScope {
  /** Number of workers in the run: `worker-0` is the first. */
  readonly workers: number;
}

/**
 * The faults that `text` asks for, in the order in which they stand there; none when it has only comments.
 *
 * @throws UsageError in one line that names the statement, and its line or number
 */
export function parseFaults(text: string, scope: FaultScope): Fault[] {
  return statements(text).map(({ place, words, source }) => {
    try {
      return new Statement(words, scope.workers).fault();
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      throw new UsageError(`faults, ${place}, ${brief(source)}: ${error.message}`, { cause: error });
    }
  });
}

/**
 * The text of `--faults`: what is in the file of that name where there is one, else `text` itself.
 *
 * @throws UsageError for a word that is the name of no file, or that of a folder
 */
export async function readFaults({ disk }: World, text: string): Promise<string> {
  const status = await disk.status(text).catch((error: unknown) => {
    // Faults are longer than names may be; nothing else that can go wrong with a name says that it is none.
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

/** One statement, read word by word. */
class Statement {
  readonly #words: readonly string[];
  readonly #workers: number;
  #next = 0;
  #example = EXAMPLE;

  constructor(words: readonly string[], workers: number) {
    this.#words = words;
    this.#workers = workers;
  }

  fault(): Fault {
    const action = this.#action();
    this.#word("at");
    const fault = { ...action, at: this.#moment() };
    const more = this.#words[this.#next];
    if (more !== undefined) throw new UsageError(`${brief(more)} is too much: put ";" or a new line between faults`);
    return fault;
  }

  #action(): Action {
    const word = this.#take(`an action (${ACTIONS.join(", ")})`);
    const kind = ACTIONS.find((action) => action === word);
    if (kind) this.#example = EXAMPLES[kind];
    switch (kind) {
      case "kill":
        return { kind, node: this.#node([COORDINATOR]) };
      case "hang":
        return { kind, node: this.#node([COORDINATOR]), milliseconds: this.#length() };
      case "cut":
        return { kind, node: this.#node([]), milliseconds: this.#length() };
      case "lose":
        return { kind, worker: this.#numbered("device", deviceName, []) };
      case "flip":
        this.#word("gradient");
        this.#word("bit");
        return { kind, ...this.#owner() };
      case "spoil":
        this.#word("gradient");
        return { kind, ...this.#owner() };
      case "fail":
        this.#word("disk");
        return { kind };
      case "tear":
        this.#word("checkpoint");
        return { kind };
      default:
        throw unknownWord("action", word, ACTIONS);
    }
  }

  #moment(): Moment {
    const word = this.#take("a moment (step 200, 30s, checkpoint 3)");
    if (word === "step") return { by: word, step: this.#count(word) };
    if (word === "checkpoint") return { by: word, checkpoint: this.#count(word) };
    const milliseconds = parseDuration(word);
    if (milliseconds !== undefined) return { by: "time", milliseconds };
    if (/^\W?\d/.test(word)) {
      throw new UsageError(
        `${brief(word)} is no moment: write "step 200", "checkpoint 3" or a time (${DURATION_FORM})`,
      );
    }
    throw unknownWord("moment", word, ["step", "checkpoint", "30s"]);
  }

  #count(what: string): number {
    const word = this.#take(`the number of the ${what}`);
    const count = /^\d+$/.test(word) ? Number(word) : 0;
    if (count >= 1 && Number.isSafeInteger(count)) return count;
    throw new UsageError(`${what} ${brief(word)} is not a whole number from 1: the first ${what} is 1`);
  }

  #length(): number {
    this.#word("for");
    const word = this.#take("a time (10s)");
    const milliseconds = parseDuration(word);
    if (milliseconds) return milliseconds;
    throw new UsageError(`${brief(word)} is not how long something can last: ${DURATION_FORM}, above 0`);
  }

  #owner(): { readonly worker?: number } {
    if (this.#words[this.#next] !== "of") return {};
    this.#next++;
    return { worker: this.#numbered("worker", workerName, []) };
  }

  #node(others: readonly string[]): string {
    const node = this.#numbered("worker", workerName, others);
    return typeof node === "number" ? workerName(node) : node;
  }

  /** The number of a worker or device, or one of the `others`. */
  #numbered<Other extends string>(
    what: string,
    name: (worker: number) => string,
    others: readonly Other[],
  ): number | Other {
    const [first, last] = [name(0), name(this.#workers - 1)];
    const range = this.#workers > 1 ? `${first} to ${last}` : first;
    const word = this.#take([range, ...others].join(" or "));
    const other = others.find((candidate) => candidate === word);
    if (other !== undefined) return other;
    const names = Array.from({ length: this.#workers }, (_, i) => name(i));
    if (names.includes(word)) return names.indexOf(word);
    if (new RegExp(`^${what}-\\d+$`).test(word)) {
      const there = this.#workers > 1 ? `${this.#workers} of them, ${range}` : `only ${first}`;
      throw new UsageError(`there is no ${word}: the run has ${there}`);
    }
    const near = nearest(word, [...names, ...others]);
    const use = `${near ? `did you mean "${near}"? (one of ` : "use "}${[range, ...others].join(" or ")}${near ? ")" : ""}`;
    throw new UsageError(`unknown ${what} ${brief(word)}: ${use}`);
  }

  #word(expected: string): void {
    const word = this.#take(`"${expected}"`);
    if (word === expected) return;
    const near = nearest(word, [expected]) === undefined ? "" : `; did you mean "${expected}"?`;
    throw new UsageError(`${brief(word)} stands where "${expected}" should${near} (such as: ${this.#example})`);
  }

  #take(expected: string): string {
    const word = this.#words[this.#next++];
    if (word === undefined)
      throw new UsageError(`it ends too soon: ${expected} is missing (such as: ${this.#example})`);
    return word;
  }
}
