/** Which trigger is due when the replicas arrive in a round. */
import { isWhole, LAST, SNAPSHOT, type Trigger, type Triggers, triggerAt } from "../../training/triggers.js";
import type { JournalClient } from "../journal/journal-client.js";

interface Arrival {
  readonly journal: Pick<JournalClient, "snapshot" | "isReported">;
  readonly triggers: Triggers;
  /** The run is to end. */
  readonly stopping: boolean;
  /** A worker needs a state, and there is room for one. */
  readonly isWanted: boolean;
}

export function dueIn(round: number, { journal, triggers, stopping, isWanted }: Arrival): Trigger | undefined {
  const { snapshot, isReported } = journal;
  if (!isWhole(triggers.options, round)) return undefined;
  const isNew = round !== snapshot.round || !isReported;
  // The replicas agreed on this snapshot, but it was not reported. So its trigger is due again.
  const isAgreed = round === snapshot.round && !isReported;
  const marked = isAgreed ? triggerAt(triggers.options, round) : triggers.due(round);
  const due = isNew || marked?.last ? marked : undefined;
  if (stopping) return { ...LAST, evaluate: due?.evaluate ?? false };
  if (!isNew) return due;
  return due ?? (isWanted ? SNAPSHOT : undefined);
}
