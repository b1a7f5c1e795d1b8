/** One statement of the language of faults, read word by word. */
import { brief, nearest, UsageError, unknownWord } from "../error.js";
import { deviceName, serverName, workerName } from "../placement/names.js";
import { DURATION_FORM, parseDuration } from "../world/duration.js";
import type { Slowdown, Words } from "./definition.js";
import { type Action, type Fault, faultKinds, type Moment } from "./fault.js";

/** The workers and the parameter servers of a run, which faults may name. */
export interface FaultScope {
  /** Number of workers in the run: `worker-0` is the first. */
  readonly workers: number;
  /** Number of parameter servers: `server-0` is the first. Default: 0. */
  readonly servers?: number;
}

export const EXAMPLE = faultKinds.get("kill").example;

const EXAMPLE_ACTION = EXAMPLE.replace(/ at .*/, "");

type Numbered = Parameters<Words["numbered"]>[0];

const NAMES: Readonly<Record<Numbered, (worker: number) => string>> = { worker: workerName, device: deviceName };

export class Statement implements Words {
  readonly #words: readonly string[];
  readonly #workers: number;
  readonly #servers: readonly string[];
  #next = 0;
  #example = EXAMPLE;

  constructor(words: readonly string[], { workers, servers = 0 }: FaultScope) {
    this.#words = words;
    this.#workers = workers;
    this.#servers = Array.from({ length: servers }, (_, piece) => serverName(piece));
  }

  fault(): Fault {
    const action = this.#action();
    this.word("at");
    const fault = { ...action, at: this.#moment() };
    const more = this.#words[this.#next];
    if (more !== undefined)
      throw new UsageError(`${brief(more)} is one word too many: put ";" or a new line between faults`);
    return fault;
  }

  /** A fault without a time. */
  bareAction(): Action {
    const action = this.#action();
    const more = this.#words[this.#next];
    if (more === undefined) return action;
    throw new UsageError(
      `${brief(more)} is one word too many: a fault by hand strikes at once, as in "${EXAMPLE_ACTION}"`,
    );
  }

  #action(): Action {
    const word = this.#take(`an action (${faultKinds.names().join(", ")})`);
    const kind = faultKinds.get(word);
    this.#example = kind.example;
    return kind.parse(this);
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

  length(): number {
    this.word("for");
    return this.#time("a time (10s)");
  }

  #time(expected: string): number {
    const word = this.#take(expected);
    const milliseconds = parseDuration(word);
    if (milliseconds) return milliseconds;
    throw new UsageError(`${brief(word)} is not a duration: ${DURATION_FORM}, above 0`);
  }

  slowdown(): Slowdown {
    const word = this.#take("by or to (by 3x, to 50ms)");
    if (word === "by") return { factor: this.#factor() };
    if (word === "to") return { pace: this.#time("a time for a part (50ms)") };
    throw new UsageError(
      `${brief(word)} stands where "by" or "to" should: write by 3x, or to 50ms (such as: ${this.#example})`,
    );
  }

  #factor(): number {
    const word = this.#take("a factor (3x)");
    const factor = /^\d+(\.\d+)?x$/.test(word) ? Number.parseFloat(word) : 0;
    if (factor > 1) return factor;
    throw new UsageError(
      `${brief(word)} is no factor: write a number above 1 and an x, such as 3x for three times as long`,
    );
  }

  workers(): number {
    const word = this.#take("a number of workers (2 workers)");
    if (word === "worker") return 1;
    const count = /^\d+$/.test(word) ? Number(word) : 0;
    if (count < 1 || count > this.#workers) {
      throw new UsageError(`${brief(word)} is no number of workers: write one from 1 to ${this.#workers}, 2 workers`);
    }
    this.word(count === 1 ? "worker" : "workers");
    return count;
  }

  owner(): { readonly worker?: number } {
    if (this.#words[this.#next] !== "of") return {};
    this.#next++;
    return { worker: this.numbered("worker") };
  }

  node(others: readonly string[]): string {
    const node = this.#named("worker", [...others, ...this.#servers]);
    return typeof node === "number" ? workerName(node) : node;
  }

  numbered(what: Numbered): number {
    return this.#named<never>(what, []);
  }

  /** The number of a worker or device, or one of the `others`. */
  #named<Other extends string>(what: Numbered, others: readonly Other[]): number | Other {
    const name = NAMES[what];
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

  word(expected: string): void {
    const word = this.#take(`"${expected}"`);
    if (word === expected) return;
    const near = nearest(word, [expected]) === undefined ? "" : `; did you mean "${expected}"?`;
    throw new UsageError(`${brief(word)} stands where "${expected}" should${near} (such as: ${this.#example})`);
  }

  #take(expected: string): string {
    const word = this.#words[this.#next++];
    if (word === undefined)
      throw new UsageError(`the statement ends too soon: ${expected} is missing (such as: ${this.#example})`);
    return word;
  }
}
