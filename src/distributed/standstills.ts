/** How long training stood still for each of several things at once: the longest time between two rounds since it began. */
export interface Standstill {
  readonly from: number;
  readonly milliseconds: number;
}

export class Standstills {
  /** When the last round was committed. */
  #last: number;
  readonly #longest = new Map<unknown, Standstill>();

  constructor(now: number) {
    this.#last = now;
  }

  /** Something began, by which training may stand still. */
  begin(what: unknown): void {
    this.#longest.set(what, { from: this.#last, milliseconds: 0 });
  }

  /** A round was committed. */
  committed(at: number): void {
    const gap = { from: this.#last, milliseconds: at - this.#last };
    for (const [what, longest] of this.#longest) this.#longest.set(what, longer(longest, gap));
    this.#last = at;
  }

  /** Training has gone on since all of these, by `at`. */
  end(all: readonly unknown[], at: number): Standstill {
    const gaps = all.flatMap((what) => this.#longest.get(what) ?? []);
    for (const what of all) this.#longest.delete(what);
    return gaps.reduce(longer, { from: this.#last, milliseconds: Math.max(0, at - this.#last) });
  }
}

const longer = (a: Standstill, b: Standstill): Standstill => (b.milliseconds > a.milliseconds ? b : a);
