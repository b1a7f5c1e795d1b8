/**
 * Which faults struck which incarnation of a node, and so explain its later failures. An incarnation is one life of a
 * process: a fault never explains a failure of the next incarnation, nor one long after the fault has passed.
 */

/** What a fault takes away: the loss of a device fails the actor that computes on it, while the process lives on. */
export type Struck = "process" | "device";

export interface Strike {
  readonly fault: number;
  readonly struck: Struck;
  /** When the fault has passed, if nothing has failed by then; default: never. */
  readonly until?: number;
}

export class Strikes {
  /** By incarnation: faults that explain no failure yet. */
  readonly #open = new Map<number, readonly Strike[]>();

  add(incarnation: number, strike: Strike): void {
    this.#open.set(incarnation, [...(this.#open.get(incarnation) ?? []), strike]);
  }

  /**
   * The faults behind a failure: all faults for a process, those of the device for an actor. Each fault is returned
   * once.
   */
  take(incarnation: number, failed: Struck, now: number): number[] {
    const all = (this.#open.get(incarnation) ?? []).filter(({ until = now }) => until >= now);
    const isCause = ({ struck }: Strike): boolean => failed === "process" || struck === "device";
    const rest = all.filter((one) => !isCause(one));
    if (rest.length > 0) this.#open.set(incarnation, rest);
    else this.#open.delete(incarnation);
    return all.filter(isCause).map(({ fault }) => fault);
  }
}
