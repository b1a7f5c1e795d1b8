/**
 * Definitions by name: those of the library, and those that users add. A user's name has a slash in it (`acme/swish`), so it
 * never clashes with a name that a later version of the library adds.
 */
import { brief, UsageError, unknownWord } from "./error.js";

/** The form of a name that a user gives to a definition of their own. */
export type UserName = `${string}/${string}`;

/** Whether `name` has the form of a user's name. */
export function isUserName(name: string): name is UserName {
  return name.includes("/");
}

/** A table of definitions by name. */
export class Definitions<D extends { readonly name: string }> {
  readonly #what: string;
  readonly #byName: Map<string, D>;

  /**
   * A table of the library's own.
   * @param what the kind of definition, for errors: `activation`
   */
  constructor(what: string, builtIn: readonly D[]) {
    this.#what = what;
    this.#byName = new Map(builtIn.map((definition) => [definition.name, definition]));
  }

  /** All names: those of the library, then those of users. */
  names(): string[] {
    return [...this.#byName.keys()];
  }

  /** Every definition, those of users last. */
  all(): D[] {
    return [...this.#byName.values()];
  }

  /** Whether there is one of that name. */
  has(name: string): boolean {
    return this.#byName.has(name);
  }

  /**
   * The definition of that name.
   * @throws UsageError, with the nearest name, when there is no definition of that name
   */
  get(name: string): D {
    const definition = this.#byName.get(name);
    if (!definition) throw unknownWord(this.#what, name, this.names());
    return definition;
  }

  /**
   * Adds a user's definition, for this process.
   * @throws UsageError when its name has no slash, or another definition has that name
   */
  add(definition: D): void {
    const { name } = definition;
    if (typeof name !== "string" || !/^[\w.-]+\/[\w.-]+$/.test(name)) {
      throw new UsageError(
        `${this.#what} ${brief(name)}: a name of your own is two words with a slash between them, such as "acme/swish"`,
      );
    }
    const known = this.#byName.get(name);
    if (known && known !== definition) {
      throw new UsageError(`${this.#what} "${name}" is defined twice; give each a name of its own`);
    }
    this.#byName.set(name, definition);
  }
}
