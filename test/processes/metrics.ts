/** Checks of metrics.jsonl that every run must pass, whatever has failed in it. */
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

  /** The sum of the losses of all steps. Two runs with the same steps have the same sum, except for rounding. */
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

/** Every step is recorded once, in order, and so is every event of a step. */
export function expectOneCourse(metrics: Metrics, steps: number): void {
  for (const event of ["steps", "evaluation"] as const) {
    const told = metrics.all(event).map(({ step }) => step);
    expect(told, event).toEqual([...new Set(told)].sort((a, b) => a - b));
  }
  expect(metrics.all("steps").at(-1)?.step).toBe(steps);
  expect(metrics.events.at(-1)).toMatchObject({ event: "end", step: steps });
}

/** Each planned fault happened once, and each failure was noticed before training continued. */
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

/** `target` failed in that way, with the id of `fault` as the cause, and training continued. */
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
