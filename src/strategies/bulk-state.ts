/**
 * The vectors of a strategy's state in one order: the global ones, those of earlier rounds where there is a delay, and
 * the local ones, part by part.
 */
import type { StateVectors } from "../workload/learner.js";
import type { StateSpec, Strategy } from "./strategy.js";

export class BulkState {
  readonly #global: readonly StateSpec[];
  readonly #local: readonly StateSpec[];
  readonly #parts: number;
  /** Earlier global states that are kept. */
  readonly earlier: number;

  constructor({ global, local = [], parts, phases = 1, consistency }: Strategy) {
    const { delay = 0 } = consistency ?? {};
    this.#global = global;
    this.#local = local;
    this.#parts = parts;
    // Within a round the newest state is already on its way to the next.
    this.earlier = delay > 0 && phases > 1 ? delay + 1 : delay;
  }

  /** As checkpoints call them. */
  get names(): readonly string[] {
    return this.#list(({ name }, where) => (where === "" && name === "parameters" ? name : stored(where, name)));
  }

  /** What each begins with. */
  get initial(): readonly ("parameters" | "zeros")[] {
    return this.#list(({ initial = "zeros" }) => initial);
  }

  /** Vectors of the newest global state. */
  get width(): number {
    return this.#global.length;
  }

  /** The global vectors by name: the newest, or those of `before` rounds ago. */
  global(vectors: readonly Float32Array[], before = 0): StateVectors {
    return named(this.#global, vectors.slice(before * this.width, (before + 1) * this.width));
  }

  local(vectors: readonly Float32Array[]): StateVectors {
    return named(this.#local, vectors);
  }

  #list<T>(of: (spec: StateSpec, where: string) => T): T[] {
    const all = (specs: readonly StateSpec[], count: number, where: (i: number) => string): T[] =>
      Array.from({ length: count }, (_, i) => specs.map((spec) => of(spec, where(i)))).flat();
    return [
      ...all(this.#global, 1 + this.earlier, (i) => (i === 0 ? "" : `before${i}.`)),
      ...all(this.#local, this.#parts, (part) => `part${part}.`),
    ];
  }
}

/** Names of state begin alike, whatever the strategy calls them. */
const stored = (where: string, name: string): string => `state.${where}${name.replace(/^state\./, "")}`;

const named = (specs: readonly StateSpec[], vectors: readonly Float32Array[]): StateVectors =>
  Object.fromEntries(specs.map(({ name }, i) => [name, vectors[i]]));
