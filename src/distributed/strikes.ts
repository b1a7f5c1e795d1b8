/**
 * Which faults struck which session of a node. What fails later of that session fails of them: a session is one life of a
 * process, so a fault is never taken for the cause of what befell the next one.
 */

/** What a fault takes away: a device fails the actor that computes on it, and the process lives on. */
export type Struck = "process" | "device";

export class Strikes {
  /** By session: those that no failure has been told of. */
  readonly #open = new Map<number, { readonly fault: number; readonly struck: Struck }[]>();

  add(session: number, fault: number, struck: Struck): void {
    this.#open.set(session, [...(this.#open.get(session) ?? []), { fault, struck }]);
  }

  /** The faults behind a failure: of a process all that struck it, of an actor in it those of its device. Each is told once. */
  take(session: number, failed: Struck): number[] {
    const all = this.#open.get(session) ?? [];
    const isCause = ({ struck }: (typeof all)[number]): boolean => failed === "process" || struck === "device";
    const rest = all.filter((one) => !isCause(one));
    if (rest.length > 0) this.#open.set(session, rest);
    else this.#open.delete(session);
    return all.filter(isCause).map(({ fault }) => fault);
  }
}
