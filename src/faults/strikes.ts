/**
 * Which faults struck which session of a node. What fails later of that session fails of them: a session is one life of a
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
  /** By session: those that no failure has been told of. */
  readonly #open = new Map<number, readonly Strike[]>();

  add(session: number, strike: Strike): void {
    this.#open.set(session, [...(this.#open.get(session) ?? []), strike]);
  }

  /** The faults behind a failure: of a process all that struck it, of an actor in it those of its device. Each is told once. */
  take(session: number, failed: Struck, now: number): number[] {
    const all = (this.#open.get(session) ?? []).filter(({ until = now }) => until >= now);
    const isCause = ({ struck }: Strike): boolean => failed === "process" || struck === "device";
    const rest = all.filter((one) => !isCause(one));
    if (rest.length > 0) this.#open.set(session, rest);
    else this.#open.delete(session);
    return all.filter(isCause).map(({ fault }) => fault);
  }
}
