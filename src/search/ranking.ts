/** Which candidates go on. */
import type { SearchRecord, Trial } from "./record.js";

/** The trials of a rung, the least error first; those that failed come last, and of equal ones the earlier candidate first. */
export function ranked({ trials }: SearchRecord, rung: number): Trial[] {
  const error = ({ sse }: Trial): number => sse ?? Number.POSITIVE_INFINITY;
  return trials
    .filter((trial) => trial.rung === rung)
    .sort((a, b) => (error(a) === error(b) ? a.candidate - b.candidate : error(a) - error(b)));
}

/** The candidates of a rung: all in the first, then the best of the rung before that did not fail. */
export function promoted(record: SearchRecord, rung: number): number[] {
  if (rung === 0) return [...record.candidates.keys()];
  const best = ranked(record, rung - 1).filter(({ sse }) => sse !== undefined);
  return best
    .slice(0, record.rungs[rung].candidates)
    .map(({ candidate }) => candidate)
    .sort((a, b) => a - b);
}
