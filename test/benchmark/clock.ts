/** A clock that goes on by a tenth of a second at each look: benchmarks take one run a sample, and know its time. */
import type { Clock } from "../../src/world/world.js";

export const STEADY = 100;

export function steadyClock(): Clock {
  let now = 0;
  return {
    now() {
      now += STEADY;
      return now;
    },
    date: () => new Date(now),
  };
}
