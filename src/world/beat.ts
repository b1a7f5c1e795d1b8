/**
 * Several processes do periodic work, above all heartbeats, at the same moments: each wakeup takes a core from the
 * kernels, and threads that work together all wait for the thread on that core.
 */
import type { Clock } from "./world.js";

/** Fraction of a period: a timer that comes this much too early counts for the beat that is due. */
const EARLY = 0.1;

/** Milliseconds to the next whole multiple of `period` on the wall clock, which all processes share. */
export function untilBeat(clock: Clock, period: number): number {
  const left = period - (clock.date().getTime() % period);
  return left < EARLY * period ? left + period : left;
}
