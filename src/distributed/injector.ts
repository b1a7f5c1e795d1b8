/**
 * Carries out faults at their moments, each once: the core says how far it has come, the injector what is to fail now.
 * Steps that are committed again after a roll-back bring no fault back.
 */
import type { Clock, Timers } from "../world/world.js";
import { actionTarget, actionText, type Fault } from "./fault.js";

/** What can be made to fail. Each takes effect soon and never throws. */
export interface FaultPorts {
  kill(node: string): void;
  hang(node: string, milliseconds: number): void;
  /** The device of this worker. */
  lose(worker: number): void;
  /** The next gradient of this worker, or the next that anyone computes. */
  corrupt(worker: number | undefined, how: "flip" | "spoil"): void;
  cut(node: string, milliseconds: number): void;
  /** The next write of a checkpoint fails. */
  failDisk(): void;
  /** The checkpoint in the folder `path`, the newest, is cut short. */
  tearCheckpoint(path: string): void;
  /** Told right before each fault strikes: `kill worker-1`, `worker-1`. */
  report(fault: string, target: string): void;
}

export interface InjectorOptions {
  readonly faults: readonly Fault[];
  /** Faults at times, earliest first, without end perhaps: each is asked for when the one before has struck. */
  readonly chaos?: Iterator<Fault>;
  readonly ports: FaultPorts;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Steps done when training begins: more than 0 when it is resumed, and then the faults of those are past. */
  readonly step: number;
}

export class Injector {
  readonly #ports: FaultPorts;
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #began: number;
  readonly #cancels = new Set<() => void>();
  /** Those that wait for a step, for a checkpoint to be begun, and for one to be done. */
  #atStep: Fault[];
  #atCheckpoint: Fault[];
  #atWritten: Fault[];
  /** Tears whose moment came before there was a checkpoint. */
  readonly #tears: Fault[] = [];
  #newest: string | undefined;
  #closed = false;

  /** Training begins now. */
  constructor({ faults, chaos, ports, clock, timers, step }: InjectorOptions) {
    this.#ports = ports;
    this.#clock = clock;
    this.#timers = timers;
    this.#began = clock.now();
    this.#atStep = faults.filter(({ at }) => at.by === "step" && at.step > step);
    const written = faults.filter(({ at }) => at.by === "checkpoint");
    this.#atCheckpoint = written.filter(({ kind }) => kind !== "tear");
    this.#atWritten = written.filter(({ kind }) => kind === "tear");
    for (const fault of faults) this.#await(fault, () => this.#strike(fault));
    if (chaos) this.#shake(chaos);
  }

  /** `step` steps have been committed. */
  step(step: number): void {
    const [now, later] = split(this.#atStep, ({ at }) => at.by === "step" && at.step <= step);
    this.#atStep = later;
    this.#strikeAll(now);
  }

  /** The checkpoint of this number is about to be written; the first since training began is 1. */
  checkpoint(number: number): void {
    const [now, later] = split(this.#atCheckpoint, due(number));
    this.#atCheckpoint = later;
    this.#strikeAll(now);
  }

  /** The checkpoint of this number is in the folder `path`, and a run could be resumed from it. */
  written(number: number, path: string): void {
    this.#newest = path;
    const [now, later] = split(this.#atWritten, due(number));
    this.#atWritten = later;
    this.#strikeAll([...this.#tears.splice(0), ...now]);
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

  #strikeAll(faults: readonly Fault[]): void {
    for (const fault of faults) this.#strike(fault);
  }

  #strike(fault: Fault): void {
    if (this.#closed) return;
    if (fault.kind === "tear" && this.#newest === undefined) {
      this.#tears.push(fault);
      return;
    }
    this.#ports.report(actionText(fault), actionTarget(fault));
    this.#carryOut(fault);
  }

  #carryOut(fault: Fault): void {
    switch (fault.kind) {
      case "kill":
        this.#ports.kill(fault.node);
        break;
      case "hang":
        this.#ports.hang(fault.node, fault.milliseconds);
        break;
      case "cut":
        this.#ports.cut(fault.node, fault.milliseconds);
        break;
      case "lose":
        this.#ports.lose(fault.worker);
        break;
      case "flip":
      case "spoil":
        this.#ports.corrupt(fault.worker, fault.kind);
        break;
      case "fail":
        this.#ports.failDisk();
        break;
      case "tear":
        this.#ports.tearCheckpoint(this.#newest as string);
    }
  }
}

/** Also a fault of an earlier checkpoint, should that not have come about. */
const due =
  (number: number) =>
  ({ at }: Fault): boolean =>
    at.by === "checkpoint" && at.checkpoint <= number;

const split = (faults: readonly Fault[], isDue: (fault: Fault) => boolean): [now: Fault[], later: Fault[]] => [
  faults.filter(isDue),
  faults.filter((fault) => !isDue(fault)),
];
