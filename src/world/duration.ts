/** Durations as the user writes them: `500ms`, `10s`, `1.5m`, `2h`. */

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

/** Longest timer of Node: 24.8 days, in milliseconds. */
export const LONGEST = 2 ** 31 - 1;

/** The accepted form, for error messages. */
export const DURATION_FORM = "a time is written 500ms, 10s, 1.5m or 2h, up to 24 days";

/** Whole milliseconds; undefined when `text` is no duration, or is above `LONGEST`. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text);
  if (!match) return undefined;
  const milliseconds = Math.round(Number(match[1]) * UNITS[match[2] as keyof typeof UNITS]);
  return milliseconds <= LONGEST ? milliseconds : undefined;
}

/** The shortest text that `parseDuration` reads as `milliseconds`, a whole number. */
export function durationText(milliseconds: number): string {
  if (milliseconds > 0 && milliseconds % UNITS.h === 0) return `${milliseconds / UNITS.h}h`;
  if (milliseconds > 0 && milliseconds % UNITS.m === 0) return `${milliseconds / UNITS.m}m`;
  return milliseconds < UNITS.s ? `${milliseconds}ms` : `${milliseconds / UNITS.s}s`;
}
