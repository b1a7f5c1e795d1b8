/** What metrics.jsonl must tell of a run, whatever has failed in it. */
import { expect } from "vitest";
import type { RunEvent } from "../../src/training/event.js";
import type { Workplace } from "../cli/dawnpour.js";

export type Of<Event extends RunEvent["event"]> = Extract<RunEvent, { readonly event: Event }>;

export class Metrics {
  readonly events: readonly RunEvent[];

  constructor(text: string) {
    this.events = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
  }

  static async of(place: Workplace, run: string): Promise<Metrics> {
    return new Metrics((await place.read(run, "metrics.jsonl")).toString());
  }

  all<Event extends RunEvent["event"]>(event: Event): Of<Event>[] {
    return this.events.filter((one): one is Of<Event> => one.event === event);
  }

  /** The losses of all steps, added: of two runs that took the same course it is the same, but for rounding. */
  get lossOfAll(): number {
    let before = 0;
    let sum = 0;
    for (const { step, loss } of this.all("steps")) {
      sum += loss * (step - before);
      before = step;
    }
    return sum;
  }
}

/** Every step is told of once, in order, and so is everything that happens at one. */
export function expectOneCourse(metrics: Metrics, steps: number): void {
  for (const event of ["steps", "evaluation"] as const) {
    const told = metrics.all(event).map(({ step }) => step);
    expect(told, event).toEqual([...new Set(told)].sort((a, b) => a - b));
  }
  expect(metrics.all("steps").at(-1)?.step).toBe(steps);
  expect(metrics.events.at(-1)).toMatchObject({ event: "end", step: steps });
}

/** Each fault that was asked for struck once; whatever failed was noticed before training went on. */
export function expectFaults(metrics: Metrics, faults: readonly string[]): void {
  const struck = metrics.all("fault").map(({ fault }) => fault);
  expect(struck.sort()).toEqual([...faults].sort());
  const recoveries = metrics.all("recovery");
  for (const { noticed, resumed, waited } of recoveries) {
    expect(noticed).toBeGreaterThanOrEqual(0);
    expect(resumed).toBeGreaterThanOrEqual(noticed);
    expect(waited).toBeGreaterThanOrEqual(0);
  }
  const blamed = recoveries.flatMap((recovery) => recovery.faults);
  expect(blamed, "no fault has two failures").toEqual([...new Set(blamed)]);
  for (const { target, time } of metrics.all("rejoin")) {
    expect(recoveries.some((one) => one.away && one.target === target && one.noticed <= time)).toBe(true);
  }
}

/** Of `fault` something of `target` failed, in that way, by the id of the fault, and training went on. */
export function expectRecovery(metrics: Metrics, fault: string, target: string | RegExp, failure: RegExp): void {
  const { id = -1, time: struck = Number.POSITIVE_INFINITY } =
    metrics.all("fault").find((event) => event.fault === fault) ?? {};
  const recoveries = metrics.all("recovery");
  const found = recoveries
    .filter(({ faults, noticed }) => faults.includes(id) && noticed >= struck)
    .filter((recovery) => failure.test(recovery.failure))
    .filter((recovery) => (typeof target === "string" ? recovery.target === target : target.test(recovery.target)));
  expect(
    found,
    `a recovery of ${target} from "${fault}" at ${struck} s, among ${JSON.stringify(recoveries)}`,
  ).not.toEqual([]);
}
