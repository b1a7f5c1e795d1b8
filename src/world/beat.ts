/**
 * What happens regularly in many processes happens in all of them at once: each wakeup takes a core from the kernels for a
 * moment, and threads that work together all wait for the one whose core it was.
 */
import type { Clock } from "./world.js";

/** Milliseconds to the next moment that is a whole multiple of `period` on the clock on the wall, which all processes share. */
export function untilBeat(clock: Clock, period: number): number {
  return period - (clock.date().getTime() % period);
}
