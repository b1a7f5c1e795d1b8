/**
 * What several processes do regularly they do at the same moments, heartbeats above all: each wakeup takes a core from the
 * kernels, and threads that work together all wait for the one whose core it was.
 */
import type { Clock } from "./world.js";

/** Of a period: a timer that comes so much too early has come for the beat that is due. */
const EARLY = 0.1;

/** Milliseconds to the next moment that is a whole multiple of `period` on the clock on the wall, which all processes share. */
export function untilBeat(clock: Clock, period: number): number {
  const left = period - (clock.date().getTime() % period);
  return left < EARLY * period ? left + period : left;
}
