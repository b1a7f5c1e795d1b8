/** Lets workers go that are to leave. Safe to call at any time between two parts. */
import type { CoordinatorParts } from "./coordinator-parts.js";

/** Releases each that has no part in hand. The last ones with a state stay until there is a snapshot of it. */
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
