/**
 * The rules that ops share. A broken rule becomes one sentence. The `check` of an op, in its file, calls these.
 */
import { unknownWord } from "../error.js";
import { type ElementType, FLOATS, type View } from "./buffer.js";

/** Operands by name. An operand that an op leaves out is undefined. */
export type Views = Readonly<Record<string, View | undefined>>;

/** A list of words for a message: `f32, f16 or bf16`. */
function oneOf(words: readonly string[]): string {
  return [words.slice(0, -1).join(", "), ...words.slice(-1)].filter((part) => part !== "").join(" or ");
}

/** The checks of one op. Each throws a ProgramError that names the op and the operand. */
export class OpRules {
  readonly #refuse: (sentence: string) => never;

  /**
   * The rules for one op.
   * @param refuse throws the error for a sentence
   */
  constructor(refuse: (sentence: string) => never) {
    this.#refuse = refuse;
  }

  /** Refuses the op with `sentence` unless `holds` is true. */
  rule(holds: boolean, sentence: string): void {
    if (!holds) this.#refuse(sentence);
  }

  /** The view must have one of the types. */
  type(name: string, view: View, ...allowed: readonly ElementType[]): void {
    this.rule(allowed.includes(view.type), `${name} must be ${oneOf(allowed)}, got ${view.type}`);
  }

  /** Each view must have one of the types. */
  typed(views: Views, ...allowed: readonly ElementType[]): void {
    for (const [name, view] of Object.entries(views)) {
      if (view) this.type(name, view, ...allowed);
    }
  }

  /** The views must be f32. */
  f32(views: Views): void {
    this.typed(views, "f32");
  }

  /** The views must be f32, f16 or bf16, each as it likes. */
  float(views: Views): void {
    this.typed(views, ...FLOATS);
  }

  /** The view must be `[rows, columns]`. */
  shape(name: string, view: View, rows: number, columns: number): void {
    this.rule(
      view.rows === rows && view.columns === columns,
      `${name} must be [${rows}, ${columns}], got [${view.rows}, ${view.columns}]`,
    );
  }

  /** The views must have the shape of `model`. */
  shaped(model: View, views: Views): void {
    for (const [name, view] of Object.entries(views)) {
      if (view) this.shape(name, view, model.rows, model.columns);
    }
  }

  /** The views must be f32 and have the shape of `model`. */
  like(model: View, views: Views): void {
    this.f32(views);
    this.shaped(model, views);
  }

  /** The views must be floats and have the shape of `model`. */
  floatsLike(model: View, views: Views): void {
    this.float(views);
    this.shaped(model, views);
  }

  /** The number must be finite. */
  finite(name: string, value: number): void {
    this.rule(Number.isFinite(Math.fround(value)), `${name} must be a finite float32 number, got ${value}`);
  }

  /** The number must be greater than `least`. */
  above(name: string, value: number, least: number): void {
    this.rule(value > least, `${name} must be above ${least}, got ${value}`);
  }

  /** The number must be whole, and at least `least`. */
  wholeFrom(name: string, value: number, least: number): void {
    this.rule(
      Number.isSafeInteger(value) && value >= least,
      `${name} must be a whole number from ${least}, got ${value}`,
    );
  }

  /** `word` must be one of `words`. The sentence suggests the nearest of them. */
  known(what: string, word: string, words: readonly string[]): void {
    if (!words.includes(word)) this.#refuse(unknownWord(what, word, words).message);
  }

  /** `object` must have every required key, and no key that is not in `keys`. */
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
