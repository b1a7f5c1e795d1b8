/**
 * Rounds of a run as times only. A worker that fails is noticed after a while; its part is then computed again, and until it is
 * back others compute its part after their own. A round that ends is never lost.
 */
import { Random } from "../world/random.js";

interface RoundTimes {
  readonly workers: number;
  /** Seconds of the part of one worker, and of what all do after it: exchanges and updates. */
  readonly part: number;
  readonly after: number;
  /** Mean seconds between two failures of the run; undefined: nothing fails. */
  readonly failures?: number;
  /** Seconds until a failure is noticed, and until the worker is back. */
  readonly detection: number;
  readonly restart: number;
}

/** More failures than these within one round: it does not end. */
const ENDLESS = 10_000;

/** Seconds of `count` rounds, and the failures in them. The seconds are infinite where a round does not end. */
export function simulateRounds(times: RoundTimes, count: number, seed: number): { seconds: number; failures: number } {
  const { workers, part, after, failures: mean, detection, restart } = times;
  const random = new Random(seed, workers);
  const pause = (): number => (mean === undefined ? Number.POSITIVE_INFINITY : -mean * Math.log(1 - random.uniform()));
  let [now, strike, failures, back] = [0, pause(), 0, 0];
  for (let round = 0; round < count; round++) {
    // The part of a worker that is not back is computed by another worker, after its own part.
    const computed = now + part + (now < back ? part : 0);
    let end = computed + after;
    for (let more = 0; strike < end; more++) {
      if (more > ENDLESS) return { seconds: Number.POSITIVE_INFINITY, failures };
      failures++;
      back = Math.max(back, strike + detection + restart);
      if (workers === 1) end = back + part + after;
      else if (strike < computed) end = Math.max(end, Math.max(computed, strike + detection) + part + after);
      strike += pause();
    }
    now = end;
  }
  return { seconds: now, failures };
}
