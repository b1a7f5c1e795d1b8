/** What progress reads as, for whoever shows it: a line now and then, a line for an event, the time left. */
import type { RunEvent } from "../training/event.js";
import type { Clock } from "../world/world.js";

/** Milliseconds between progress lines where there is no terminal. */
export const LINE_EVERY = 5000;

/** How long a run has yet to go, at its pace since the first step that was shown. */
export class TimeLeft {
  readonly #clock: Clock;
  #began: { readonly step: number; readonly time: number } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts from now and from `step`, if it does not yet. */
  from(step: number): void {
    this.#began ??= { step, time: this.#clock.now() };
  }

  /** Seconds until `steps` are done; undefined as long as there is nothing to go by. */
  seconds(step: number, steps: number): number | undefined {
    if (!this.#began || step <= this.#began.step) return undefined;
    return ((this.#clock.now() - this.#began.time) / 1000 / (step - this.#began.step)) * (steps - step);
  }
}

/** `step 12/600  loss 0.08123  12,345 images/s  1m05s left` */
export function progressLine(at: {
  readonly step: number;
  readonly steps: number;
  readonly loss?: number;
  readonly imagesPerSecond: number;
  readonly left?: number;
}): string {
  const { step, steps, loss, imagesPerSecond, left } = at;
  return [
    `step ${step}/${steps}`,
    ...(loss === undefined ? [] : [`loss ${loss.toFixed(5)}`]),
    `${Math.round(imagesPerSecond).toLocaleString("en")} images/s`,
    ...(left === undefined ? [] : [`${duration(left)} left`]),
  ].join("  ");
}

/** What an event is to a person who watches; undefined: nothing worth a line. */
export function eventLine(event: RunEvent): string | undefined {
  switch (event.event) {
    case "start":
      return event.resumed ? `resumed at step ${event.step} of ${event.steps}` : undefined;
    case "evaluation":
      return `epoch ${event.epoch.toFixed(1)}  step ${event.step} | test SSE ${event.test.sse.toFixed(3)}`;
    case "warning":
      return `warning: ${event.message}`;
    case "fault":
      return `fault: ${event.fault}`;
    case "recovery":
      return `recovered: ${event.target}, ${event.failure}; the next step came ${(event.resumed - event.noticed).toFixed(2)} s after`;
    default:
      return undefined;
  }
}

/** `2m05s` */
export function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  return whole < 60 ? `${whole}s` : `${Math.floor(whole / 60)}m${String(whole % 60).padStart(2, "0")}s`;
}
