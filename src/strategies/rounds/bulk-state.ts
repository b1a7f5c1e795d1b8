/**
 * The vectors of a strategy's state, in one order: the newest global state, the global states of earlier rounds where there
 * is a delay, then the local state of each part.
 */
import type { StateVectors } from "../../workload/learner.js";
import { delayOf } from "../consistency.js";
import type { StateSpec, Strategy } from "../strategy.js";

export class BulkState {
  readonly #global: readonly StateSpec[];
  readonly #local: readonly StateSpec[];
  readonly #parts: number;
  /** Number of earlier global states that are kept. */
  readonly earlier: number;

  constructor(strategy: Strategy) {
    const { global, local = [], parts, phases = 1 } = strategy;
    const delay = delayOf(strategy);
    this.#global = global;
    this.#local = local;
    this.#parts = parts;
    // The first exchange of a round changes the newest state. For the other exchanges the state of `delay` rounds ago is
    // therefore one place further back.
    this.earlier = delay > 0 && phases > 1 ? delay + 1 : delay;
  }

  /** The names of the vectors in a checkpoint. */
  get names(): readonly string[] {
    return this.#list(({ name }, where) => (where === "" && name === "parameters" ? name : stored(where, name)));
  }

  /** What each vector begins with. */
  get initial(): readonly ("parameters" | "zeros")[] {
    return this.#list(({ initial = "zeros" }) => initial);
  }

  /** Number of vectors of one global state. */
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

/** In a checkpoint every name of state begins with `state.`, whether the strategy writes that or not. */
const stored = (where: string, name: string): string => `state.${where}${name.replace(/^state\./, "")}`;

const named = (specs: readonly StateSpec[], vectors: readonly Float32Array[]): StateVectors =>
  Object.fromEntries(specs.map(({ name }, i) => [name, vectors[i]]));
