/**
 * Carries out each fault once, at its moment: the run reports its progress, the injector calls what has to fail. A
 * fault does not strike again when its steps are done again after a roll-back.
 */
import type { Clock, Timers } from "../world/world.js";
import type { FaultPorts } from "./definition.js";
import { type Fault, faultKinds } from "./fault.js";

/** The ports of faults, and the record of them. */
export interface InjectorPorts extends FaultPorts {
  /** Called right before each fault strikes. */
  report(id: number, fault: Fault): void;
}

export interface InjectorOptions {
  readonly faults: readonly Fault[];
  /** Faults at times, earliest first, perhaps endless: the next is taken when the one before has struck. */
  readonly chaos?: Iterator<Fault>;
  readonly ports: InjectorPorts;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Steps done when training begins: more than 0 in a resumed run, which skips the faults of those steps. */
  readonly step: number;
}

export class Injector {
  readonly #ports: InjectorPorts;
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #began: number;
  readonly #cancels = new Set<() => void>();
  /** Faults that have not struck yet. */
  readonly #waiting: Set<Fault>;
  /** Faults of a written checkpoint whose moment came before there was one. */
  readonly #overdue = new Set<Fault>();
  #newest: string | undefined;
  /** Faults that have struck. */
  #struck = 0;
  #closed = false;

  /** Training begins now. */
  constructor({ faults, chaos, ports, clock, timers, step }: InjectorOptions) {
    this.#ports = ports;
    this.#clock = clock;
    this.#timers = timers;
    this.#began = clock.now();
    this.#waiting = new Set(faults.filter(({ at }) => at.by !== "step" || at.step > step));
    for (const fault of faults) this.#await(fault, () => this.#strike(fault));
    if (chaos) this.#shake(chaos);
  }

  /** Faults of `--faults` that have not struck. */
  get waiting(): readonly Fault[] {
    return [...this.#waiting];
  }

  /** `step` steps are committed. */
  step(step: number): void {
    this.#strikeAll(({ at }) => at.by === "step" && at.step <= step);
  }

  /** This checkpoint is about to be written; the first since training began is 1. */
  checkpoint(number: number): void {
    this.#strikeAll((fault) => !isAfterWriting(fault) && isOf(fault, number));
  }

  /** This checkpoint is in the folder `path`, and a run can be resumed from it. */
  written(number: number, path: string): void {
    this.#newest = path;
    this.#strikeAll((fault) => this.#overdue.has(fault) || (isAfterWriting(fault) && isOf(fault, number)));
  }

  /** Nothing strikes any more. */
  close(): void {
    this.#closed = true;
    for (const cancel of this.#cancels) cancel();
    this.#cancels.clear();
  }

  #shake(chaos: Iterator<Fault>): void {
    const { done, value: fault } = chaos.next();
    if (done) return;
    this.#await(fault, () => {
      this.#waiting.add(fault);
      this.#strike(fault);
      this.#shake(chaos);
    });
  }

  /** Calls `then` at the time of `fault`, if its moment is a time. */
  #await({ at }: Fault, then: () => void): void {
    if (at.by !== "time" || this.#closed) return;
    const cancel = this.#timers.after(this.#began + at.milliseconds - this.#clock.now(), () => {
      this.#cancels.delete(cancel);
      then();
    });
    this.#cancels.add(cancel);
  }

  #strikeAll(isDue: (fault: Fault) => boolean): void {
    for (const fault of this.waiting.filter(isDue)) this.#strike(fault);
  }

  #strike(fault: Fault): void {
    if (this.#closed) return;
    if (isAfterWriting(fault) && this.#newest === undefined) {
      this.#overdue.add(fault);
      return;
    }
    // The call may come back here at once, and must not find the fault again.
    if (!this.#waiting.delete(fault)) return;
    const id = ++this.#struck;
    this.#ports.report(id, fault);
    faultKinds.get(fault.kind).strike(this.#ports, id, fault, this.#newest);
  }
}

const isAfterWriting = ({ kind }: Fault): boolean => faultKinds.get(kind).afterWriting === true;

/** Also true for the moment of an earlier checkpoint that was not written. */
const isOf = ({ at }: Fault, checkpoint: number): boolean => at.by === "checkpoint" && at.checkpoint <= checkpoint;
