/** How long training stood still after each of several events: the longest time between two rounds since the event. */
interface Standstill {
  readonly from: number;
  readonly milliseconds: number;
}

export class Standstills {
  /** When the last round was committed. */
  #last: number;
  /** The longest standstill so far of each event, with its beginning. */
  readonly #longest = new Map<unknown, Standstill>();

  constructor(now: number) {
    this.#last = now;
  }

  /** An event that may stop training, at a time that is unknown but after the last round. */
  begin(what: unknown, at = this.#last): void {
    this.#longest.set(what, { from: at, milliseconds: 0 });
  }

  /** A round was committed. */
  committed(at: number): void {
    for (const [what, longest] of this.#longest) this.#longest.set(what, longer(longest, this.#gap(longest, at)));
    this.#last = at;
  }

  /** Training has gone on after all of these events, by `at`. */
  end(all: readonly unknown[], at: number): Standstill {
    const gaps = all.flatMap((what) => this.#longest.get(what) ?? []);
    for (const what of all) this.#longest.delete(what);
    return gaps.flatMap((gap) => [gap, this.#gap(gap, at)]).reduce(longer, { from: at, milliseconds: 0 });
  }

  /** Time since the last round, or since the event if that is later. */
  #gap({ from, milliseconds }: Standstill, at: number): Standstill {
    const since = milliseconds > 0 ? this.#last : Math.max(this.#last, from);
    return { from: since, milliseconds: Math.max(0, at - since) };
  }
}

const longer = (a: Standstill, b: Standstill): Standstill => (b.milliseconds > a.milliseconds ? b : a);
