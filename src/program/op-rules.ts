/**
 * The rules that ops are made of: each, when it is broken, one sentence. An op's own rules, in its file, are calls of these.
 */
import { unknownWord } from "../error.js";
import { type ElementType, FLOATS, type View } from "./buffer.js";

/** Operands by name; those that an op leaves out are undefined. */
type Views = Readonly<Record<string, View | undefined>>;

/** `f32, f16 or bf16` */
function oneOf(words: readonly string[]): string {
  return [words.slice(0, -1).join(", "), ...words.slice(-1)].filter((part) => part !== "").join(" or ");
}

/** Checks of one op: each throws a ProgramError that names the op and the operand. */
export class OpRules {
  readonly #refuse: (sentence: string) => never;

  /** @param refuse throws the error that a sentence becomes */
  constructor(refuse: (sentence: string) => never) {
    this.#refuse = refuse;
  }

  /** The op is refused with `sentence` unless it holds. */
  rule(holds: boolean, sentence: string): void {
    if (!holds) this.#refuse(sentence);
  }

  type(name: string, view: View, ...allowed: readonly ElementType[]): void {
    this.rule(allowed.includes(view.type), `${name} must be ${oneOf(allowed)}, got ${view.type}`);
  }

  typed(views: Views, ...allowed: readonly ElementType[]): void {
    for (const [name, view] of Object.entries(views)) {
      if (view) this.type(name, view, ...allowed);
    }
  }

  f32(views: Views): void {
    this.typed(views, "f32");
  }

  float(views: Views): void {
    this.typed(views, ...FLOATS);
  }

  shape(name: string, view: View, rows: number, columns: number): void {
    this.rule(
      view.rows === rows && view.columns === columns,
      `${name} must be [${rows}, ${columns}], got [${view.rows}, ${view.columns}]`,
    );
  }

  /** Of the shape of `model`. */
  shaped(model: View, views: Views): void {
    for (const [name, view] of Object.entries(views)) {
      if (view) this.shape(name, view, model.rows, model.columns);
    }
  }

  /** f32 of the shape of `model`. */
  like(model: View, views: Views): void {
    this.f32(views);
    this.shaped(model, views);
  }

  /** Floats of the shape of `model`. */
  floatsLike(model: View, views: Views): void {
    this.float(views);
    this.shaped(model, views);
  }

  finite(name: string, value: number): void {
    this.rule(Number.isFinite(Math.fround(value)), `${name} must be a finite float32 number, got ${value}`);
  }

  above(name: string, value: number, least: number): void {
    this.rule(value > least, `${name} must be above ${least}, got ${value}`);
  }

  wholeFrom(name: string, value: number, least: number): void {
    this.rule(
      Number.isSafeInteger(value) && value >= least,
      `${name} must be a whole number from ${least}, got ${value}`,
    );
  }

  /** `word` is one of `words`, else the near one is suggested. */
  known(what: string, word: string, words: readonly string[]): void {
    if (!words.includes(word)) this.#refuse(unknownWord(what, word, words).message);
  }

  /** A record has no key but those in `keys`, and all that it needs. */
  keys(name: string, record: object, keys: Readonly<Record<string, "required" | "optional">>): void {
    const of = name === "" ? "" : ` of ${name}`;
    for (const [key, value] of Object.entries(record)) {
      if (value !== undefined) this.known(`key${of}`, key, Object.keys(keys));
    }
    for (const [key, need] of Object.entries(keys)) {
      const missing = need === "required" && (record as Readonly<Record<string, unknown>>)[key] === undefined;
      this.rule(!missing, `${key}${of} is missing`);
    }
  }
}
