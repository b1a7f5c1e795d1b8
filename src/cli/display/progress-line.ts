/** Progress as text: the head of a block on a terminal, or a line now and then. */
import type { Clock } from "../../world/world.js";

/** Milliseconds between progress lines without a terminal. */
export const LINE_EVERY = 5000;
/** Milliseconds between two drawings on a terminal. */
export const DRAW_EVERY = 100;

/** The progress of a run. */
export interface Standing {
  readonly step: number;
  readonly steps: number;
  readonly epoch?: number;
  readonly loss?: number;
  /** Undefined before there is a figure. */
  readonly imagesPerSecond?: number;
  readonly testSse?: number;
  /** Seconds since it began, and estimated seconds to the last step. */
  readonly elapsed?: number;
  readonly left?: number;
}

/** Elapsed and remaining time of a run, at its pace since the first step that was shown. */
export class TimeLeft {
  readonly #clock: Clock;
  #began: { readonly step: number; readonly time: number } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Begins to count now, at `step`, unless it has begun. */
  from(step: number): void {
    this.#began ??= { step, time: this.#clock.now() };
  }

  /** Seconds; the rest is undefined while there is no estimate. */
  at(step: number, steps: number): Pick<Standing, "elapsed" | "left"> {
    if (!this.#began) return {};
    const elapsed = (this.#clock.now() - this.#began.time) / 1000;
    const done = step - this.#began.step;
    return { elapsed, left: done > 0 ? (elapsed / done) * (steps - step) : undefined };
  }
}

/** `step 12/600  loss 0.08123  12,345 images/s  12s elapsed  1m05s left` */
export function progressLine(at: Standing): string {
  const { step, steps, loss, imagesPerSecond, elapsed, left } = at;
  return [
    `step ${step}/${steps}`,
    ...(loss === undefined ? [] : [`loss ${loss.toFixed(5)}`]),
    ...(imagesPerSecond === undefined ? [] : [`${whole(imagesPerSecond)} images/s`]),
    ...(elapsed === undefined ? [] : [`${duration(elapsed)} elapsed`]),
    ...(left === undefined ? [] : [`${duration(left)} left`]),
  ].join("  ");
}

/** Characters of a bar. */
const [LEAST_BAR, MOST_BAR] = [6, 40];

/**
 * Two lines of at most `columns` characters: progress and results. What does not fit is left out, the least important
 * first.
 */
export function headLines(at: Standing, columns: number): [far: string, well: string] {
  const { step, steps, epoch, loss, imagesPerSecond, testSse, elapsed, left } = at;
  const fraction = steps > 0 ? Math.min(step / steps, 1) : 1;
  const far = fitting(
    [
      { text: `${Math.floor(100 * fraction)}%`, rank: 0 },
      { text: `step ${step}/${steps}`, rank: 1 },
      { text: epoch === undefined ? undefined : `epoch ${epoch.toFixed(1)}`, rank: 4 },
      { text: elapsed === undefined ? undefined : `${duration(elapsed)} elapsed`, rank: 3 },
      { text: left === undefined ? undefined : `${duration(left)} left`, rank: 2 },
    ],
    columns,
  );
  const well = fitting(
    [
      { text: `loss ${loss?.toFixed(5) ?? "-"}`, rank: 1 },
      { text: testSse === undefined ? undefined : `test SSE ${testSse.toFixed(3)}`, rank: 0 },
      { text: `${imagesPerSecond === undefined ? "-" : whole(imagesPerSecond)} images/s`, rank: 2 },
    ],
    columns,
  );
  const room = Math.min(MOST_BAR, columns - far.length - 1);
  return [room < LEAST_BAR ? far : `${bar(fraction, room)} ${far}`, well];
}

function bar(fraction: number, characters: number): string {
  const filled = Math.floor(characters * fraction);
  return "\u2588".repeat(filled) + "\u2591".repeat(characters - filled);
}

interface Part {
  readonly text: string | undefined;
  /** Larger is less important. */
  readonly rank: number;
}

function fitting(parts: readonly Part[], columns: number): string {
  const there = parts.filter(({ text }) => text !== undefined);
  const line = there.map(({ text }) => text).join(" | ");
  if (line.length <= columns || there.length <= 1) return line.slice(0, columns);
  const worst = Math.max(...there.map(({ rank }) => rank));
  return fitting(
    there.filter(({ rank }) => rank < worst),
    columns,
  );
}

export const whole = (value: number): string => Math.round(value).toLocaleString("en");

/** `5s`, `2m05s`, `3h12m` */
export function duration(seconds: number): string {
  const total = Math.ceil(seconds);
  const [hours, minutes] = [Math.floor(total / 3600), Math.floor(total / 60) % 60];
  if (hours > 0) return `${hours}h${String(minutes).padStart(2, "0")}m`;
  return total < 60 ? `${total}s` : `${minutes}m${String(total % 60).padStart(2, "0")}s`;
}
