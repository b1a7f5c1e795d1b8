/** How long training stood still for each of several things at once: the longest time between two rounds since it began. */
export class Standstills {
  /** When the last round was committed. */
  #last: number;
  readonly #longest = new Map<unknown, number>();

  constructor(now: number) {
    this.#last = now;
  }

  /** Something began, by which training may stand still. */
  begin(what: unknown): void {
    this.#longest.set(what, 0);
  }

  /** A round was committed. */
  committed(at: number): void {
    for (const [what, longest] of this.#longest) this.#longest.set(what, Math.max(longest, at - this.#last));
    this.#last = at;
  }

  /** Training has gone on since, by `at`: milliseconds that it stood still. */
  end(what: unknown, at: number): number {
    const longest = this.#longest.get(what) ?? 0;
    this.#longest.delete(what);
    return Math.max(longest, at - this.#last);
  }
}
