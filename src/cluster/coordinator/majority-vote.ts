/**
 * A majority vote on the state of the replicas. Replicas on devices of one kind compute the same bits. If their states
 * differ, at least one was damaged, at an unknown time.
 */
import type { Snapshot } from "../protocol.js";

export interface Vote {
  readonly worker: number;
  readonly deviceKind: string;
  readonly snapshot: Snapshot;
}

export interface VoteResult {
  /** The state to go on from: that of the first worker that is not an outlier. */
  readonly agreed: Snapshot;
  readonly deviceKind: string;
  /** Workers whose state differs from the majority of their kind. If a kind has no majority, all its workers. */
  readonly outliers: readonly number[];
}

/** @param votes at least one */
export function majorityVote(votes: readonly Vote[]): VoteResult {
  const sorted = [...votes].sort((a, b) => a.worker - b.worker);
  const kinds = new Set(sorted.map(({ deviceKind }) => deviceKind));
  const outliers = [...kinds].flatMap((kind) => outliersOf(sorted.filter(({ deviceKind }) => deviceKind === kind)));
  const { snapshot, deviceKind } = sorted.find(({ worker }) => !outliers.includes(worker)) ?? sorted[0];
  return { agreed: snapshot, deviceKind, outliers };
}

function outliersOf(votes: readonly Vote[]): number[] {
  const counts = new Map<string, number>();
  for (const { snapshot } of votes) counts.set(snapshot.digest, (counts.get(snapshot.digest) ?? 0) + 1);
  const [majority] = [...counts].filter(([, count]) => 2 * count > votes.length);
  return votes.filter(({ snapshot }) => snapshot.digest !== majority?.[0]).map(({ worker }) => worker);
}
