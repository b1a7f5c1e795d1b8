/** A clock that advances by a tenth of a second at each reading. So each sample of a benchmark is one run, with a known time. */
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
