/**
 * Which faults struck which incarnation of a node. What fails later of that incarnation fails of them: an incarnation is one life of a
 * process, so a fault is never taken for the cause of what befell the next one, nor of what befell this one long after it
 * had passed.
 */

/** What a fault takes away: a device fails the actor that computes on it, and the process lives on. */
export type Struck = "process" | "device";

export interface Strike {
  readonly fault: number;
  readonly struck: Struck;
  /** When it has passed, if nothing has failed by then; default: never. */
  readonly until?: number;
}

export class Strikes {
  /** By incarnation: those that no failure has been told of. */
  readonly #open = new Map<number, readonly Strike[]>();

  add(incarnation: number, strike: Strike): void {
    this.#open.set(incarnation, [...(this.#open.get(incarnation) ?? []), strike]);
  }

  /** The faults behind a failure: of a process all that struck it, of an actor in it those of its device. Each is told once. */
  take(incarnation: number, failed: Struck, now: number): number[] {
    const all = (this.#open.get(incarnation) ?? []).filter(({ until = now }) => until >= now);
    const isCause = ({ struck }: Strike): boolean => failed === "process" || struck === "device";
    const rest = all.filter((one) => !isCause(one));
    if (rest.length > 0) this.#open.set(incarnation, rest);
    else this.#open.delete(incarnation);
    return all.filter(isCause).map(({ fault }) => fault);
  }
}
