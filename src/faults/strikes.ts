/**
 * The faults that struck each incarnation of a node. They are the causes of its later failures. An incarnation is one life of a
 * process: a fault is never the cause of a failure of the next incarnation, or of a failure long after the fault has passed.
 */

/** What a fault strikes. When a device is lost, the actor that computes on it fails, but its process goes on. */
export type Struck = "process" | "device";

export interface Strike {
  readonly fault: number;
  readonly struck: Struck;
  /** The time after which the fault causes no failure any more. Default: none. */
  readonly until?: number;
}

export class Strikes {
  /** By incarnation: faults that have caused no failure yet. */
  readonly #open = new Map<number, readonly Strike[]>();

  add(incarnation: number, strike: Strike): void {
    this.#open.set(incarnation, [...(this.#open.get(incarnation) ?? []), strike]);
  }

  /**
   * The faults that caused a failure: of a process all faults, of a device those that struck a device. Each fault is returned only
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
