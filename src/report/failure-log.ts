/**
 * The failures of a run, from its events: the injected faults, when and how each was noticed, how long training waited,
 * when the node was back. Terminal and report both use this log, so that they show the same times.
 */
import type { RunEvent } from "../training/event.js";

/** A failure: on purpose, by itself, or a fault without effect. Times are seconds since the start. */
export interface Failure {
  /** Number of this failure in the run. */
  readonly id: number;
  /** What failed: a node, a device, `gradient`, `disk`. */
  readonly target: string;
  /** Steps done when it struck, or was noticed. */
  readonly step: number;
  /** The faults that caused it; none: it failed by itself. */
  readonly injected: readonly Injection[];
  /** Absent: the fault had no effect. */
  readonly recovery?: Recovery;
  /** When the node worked again. */
  readonly back?: number;
}

export interface Injection {
  /** The fault as text: `kill worker-1`. */
  readonly fault: string;
  readonly at: number;
}

/** The part of a `recovery` event that says how it went. */
export type Recovery = Pick<
  Event<"recovery">,
  "failure" | "noticed" | "resumed" | "waitedFrom" | "waited" | "stepsLost" | "away"
>;

/** Throughput of a stretch of steps, and when it ended. */
export interface Pace {
  readonly at: number;
  readonly imagesPerSecond: number;
}

export interface FailureLog {
  /** In the order in which they struck, or were noticed. */
  readonly failures: readonly Failure[];
  /** Over all steps. */
  readonly pace: readonly Pace[];
  /** From the start to the last event; the parts of a resumed run follow each other without a gap. */
  readonly seconds: number;
}

type Event<Kind extends RunEvent["event"]> = Extract<RunEvent, { readonly event: Kind }>;

/** Undefined when nothing failed. */
export function failureLog(events: readonly RunEvent[]): FailureLog | undefined {
  const story = new FailureStory();
  for (const event of events) story.add(event);
  const { failures, pace, seconds } = story;
  return failures.length === 0 ? undefined : { failures, pace, seconds };
}

/** When it struck, as far as known. */
export function beginning({ injected, recovery }: Failure): number {
  return injected[0]?.at ?? recovery?.noticed ?? 0;
}

/** Nothing more will be known of it. */
export const isSettled = ({ recovery, back }: Failure): boolean =>
  recovery !== undefined && (!recovery.away || back !== undefined);

/** The failures of a run, as its events come. */
export class FailureStory {
  #failures: Failure[] = [];
  #ids = 0;
  /** Faults of this part of the run without a failure so far, by id. */
  readonly #open = new Map<number, Failure>();
  /** When nodes came back in this part of the run. */
  readonly #returns: { readonly target: string; readonly at: number }[] = [];
  readonly pace: Pace[] = [];
  /** When this part of the run began, and its latest time. */
  #began = 0;
  #seconds = 0;

  get failures(): readonly Failure[] {
    return [...this.#failures].sort((a, b) => beginning(a) - beginning(b));
  }

  get seconds(): number {
    return this.#seconds;
  }

  /** The failures that are complete since this event. */
  add(event: RunEvent): readonly Failure[] {
    if (event.event === "start") this.#begin();
    this.#seconds = Math.max(this.#seconds, this.#began + event.time);
    switch (event.event) {
      case "steps":
        this.pace.push({ at: this.#began + event.time, imagesPerSecond: event.imagesPerSecond });
        return [];
      case "fault":
        return this.#injected(event);
      case "recovery":
        return this.#recovered(event);
      case "rejoin":
        return this.#rejoined(event);
      case "warning":
        return event.fault === undefined ? [] : this.#warned(event, event.fault);
      default:
        return [];
    }
  }

  /** Ids of faults, and processes, belong to the part of the run that begins here. */
  #begin(): void {
    this.#began = this.#seconds;
    this.#open.clear();
    this.#returns.length = 0;
  }

  #injected({ id, fault, target, step, time }: Event<"fault">): readonly Failure[] {
    const failure = { id: this.#ids++, target, step, injected: [{ fault, at: this.#began + time }] };
    this.#open.set(id, failure);
    this.#failures.push(failure);
    return [];
  }

  #recovered(event: Event<"recovery">): readonly Failure[] {
    const { target, faults, failure, waited, stepsLost, away } = event;
    const [noticed, resumed, waitedFrom] = [event.noticed, event.resumed, event.waitedFrom].map(
      (at) => this.#began + at,
    );
    const recovery = { failure, noticed, resumed, waitedFrom, waited, stepsLost, away };
    const back = away ? this.#returns.find((one) => one.target === target && one.at >= noticed)?.at : undefined;
    return this.#explain(faults, { id: this.#ids++, target, step: event.step, injected: [], recovery, back });
  }

  /** The event of a failed disk is a warning; training does not wait for it. */
  #warned({ message, step, time }: Event<"warning">, fault: number): readonly Failure[] {
    const at = this.#began + time;
    const recovery = {
      failure: message,
      noticed: at,
      resumed: at,
      waitedFrom: at,
      waited: 0,
      stepsLost: 0,
      away: false,
    };
    return this.#explain([fault], { id: this.#ids++, target: "disk", step, injected: [], recovery });
  }

  /** Replaces the faults that caused the failure. */
  #explain(faults: readonly number[], failure: Failure): readonly Failure[] {
    const causes = faults.flatMap((id) => this.#open.get(id) ?? []);
    for (const id of faults) this.#open.delete(id);
    const injected = causes.flatMap((cause) => cause.injected);
    const whole = { ...failure, injected, step: causes[0]?.step ?? failure.step };
    this.#failures = [...this.#failures.filter((one) => !causes.includes(one)), whole];
    return isSettled(whole) ? [whole] : [];
  }

  #rejoined({ target, time }: Event<"rejoin">): readonly Failure[] {
    const at = this.#began + time;
    this.#returns.push({ target, at });
    const settled: Failure[] = [];
    this.#failures = this.#failures.map((failure) => {
      const { recovery, back } = failure;
      const isOver = failure.target === target && recovery?.away && back === undefined;
      if (!isOver || recovery.noticed < this.#began || recovery.noticed > at) return failure;
      settled.push({ ...failure, back: at });
      return { ...failure, back: at };
    });
    return settled;
  }
}
