/** Releases workers that were asked to leave. */
import type { CoordinatorParts } from "./coordinator-parts.js";

/**
 * Releases each of these workers that has no part. The last workers with a state stay until there is a snapshot of it. Safe to
 * call at any time.
 */
export function releaseLeaving({ members, dispatch, rounds, journal }: CoordinatorParts): void {
  const isSaved = journal.snapshot.round === rounds.number && journal.isReported;
  if (members.isDeserted && !isSaved) return;
  for (const { index, leaving } of members.all) {
    if (!leaving || rounds.scheduler.outstanding(index).length > 0) continue;
    members.remove(index);
    dispatch.release(index);
    journal.released(index);
  }
}
