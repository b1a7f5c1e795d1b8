/**
 * Carries out faults at their moments, each once: the core says how far it has come, the injector what is to fail now.
 * Steps that are committed again after a roll-back bring no fault back.
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
  /** Faults at times, earliest first, without end perhaps: each is asked for when the one before has struck. */
  readonly chaos?: Iterator<Fault>;
  readonly ports: InjectorPorts;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Steps done when training begins: more than 0 when it is resumed, and then the faults of those are past. */
  readonly step: number;
}

export class Injector {
  readonly #ports: InjectorPorts;
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #began: number;
  readonly #cancels = new Set<() => void>();
  /** Those that have not struck yet. */
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

  /** Faults that were asked for and have not struck: at the end of a run, those that never will. */
  get waiting(): readonly Fault[] {
    return [...this.#waiting];
  }

  /** `step` steps have been committed. */
  step(step: number): void {
    this.#strikeAll(({ at }) => at.by === "step" && at.step <= step);
  }

  /** The checkpoint of this number is about to be written; the first since training began is 1. */
  checkpoint(number: number): void {
    this.#strikeAll((fault) => !isAfterWriting(fault) && isOf(fault, number));
  }

  /** The checkpoint of this number is in the folder `path`, and a run could be resumed from it. */
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

  /** Waits for the time of `fault`, if a time is what it waits for. */
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
    // What fails may call back at once, and must not find it here again.
    if (!this.#waiting.delete(fault)) return;
    const id = ++this.#struck;
    this.#ports.report(id, fault);
    faultKinds.get(fault.kind).strike(this.#ports, id, fault, this.#newest);
  }
}

const isAfterWriting = ({ kind }: Fault): boolean => faultKinds.get(kind).afterWriting === true;

/** Also one of an earlier checkpoint, should that not have come about. */
const isOf = ({ at }: Fault, checkpoint: number): boolean => at.by === "checkpoint" && at.checkpoint <= checkpoint;
