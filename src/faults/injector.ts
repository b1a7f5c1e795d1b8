/**
 * Carries out each fault once, at its moment. The run reports its progress to the injector, and the injector calls the ports of
 * the run. A fault does not strike again when its step is done again after a roll-back.
 */
import type { Clock, Timers } from "../world/world.js";
import type { FaultPorts } from "./definition.js";
import { type Action, type Fault, faultKinds } from "./fault.js";

/** The ports of faults, and the record of them. */
export interface InjectorPorts extends FaultPorts {
  /** Called right before each fault strikes. */
  report(id: number, fault: Fault): void;
}

export interface InjectorOptions {
  readonly faults: readonly Fault[];
  /** Faults at times, earliest first. There may be no end to them: the next is taken when the one before has struck. */
  readonly chaos?: Iterator<Fault>;
  readonly ports: InjectorPorts;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Steps that are done when training begins. A resumed run has some, and skips the faults of these steps. */
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
  /** Faults that need a written checkpoint, and whose moment came before there was one. */
  readonly #overdue = new Set<Fault>();
  #newest: string | undefined;
  /** Number of faults that have struck. */
  #struck = 0;
  #closed = false;

  /** Call it when training begins: times are counted from now on. */
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

  /** The checkpoint of this number is about to be written. The first since training began is 1. */
  checkpoint(number: number): void {
    this.#strikeAll((fault) => !isAfterWriting(fault) && isOf(fault, number));
  }

  /** The checkpoint of this number is complete, in the folder `path`. */
  written(number: number, path: string): void {
    this.#newest = path;
    this.#strikeAll((fault) => this.#overdue.has(fault) || (isAfterWriting(fault) && isOf(fault, number)));
  }

  /** A fault by hand: it strikes now. */
  now(action: Action): void {
    const fault: Fault = { ...action, at: { by: "time", milliseconds: this.#clock.now() - this.#began } };
    this.#waiting.add(fault);
    this.#strike(fault);
  }

  /** Closes the injector: no fault strikes any more. */
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
    // Deleted before it strikes, because the strike may call a method of this injector, which must not find the fault again.
    if (!this.#waiting.delete(fault)) return;
    const id = ++this.#struck;
    this.#ports.report(id, fault);
    faultKinds.get(fault.kind).strike(this.#ports, id, fault, this.#newest);
  }
}

const isAfterWriting = ({ kind }: Fault): boolean => faultKinds.get(kind).afterWriting === true;

/** Whether a fault belongs to this checkpoint, or to an earlier one that was not written. */
const isOf = ({ at }: Fault, checkpoint: number): boolean => at.by === "checkpoint" && at.checkpoint <= checkpoint;
