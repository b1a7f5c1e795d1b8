/** The state from which a new coordinator begins: the state of most replicas, if the rounds up to it are known. */

import { type TriggerOptions, triggerAt } from "../../training/triggers.js";
import type { Commit } from "../journal/journal-protocol.js";
import { commitsOf } from "./lease-manager.js";
import type { WorkerProxy } from "./worker-proxy.js";

export interface RecoveryPoint {
  readonly round: number;
  /** The replicas in that state. */
  readonly members: readonly WorkerProxy[];
}

/**
 * @param after the round of the snapshot
 * @param last the last round that the coordinator can begin with
 * @returns undefined if the run has to begin at the snapshot: no replica is ahead of it, or replicas of one kind differ
 */
export function recoveryPoint(members: readonly WorkerProxy[], after: number, last: number): RecoveryPoint | undefined {
  const groups = new Map<string, WorkerProxy[]>();
  for (const member of members) {
    const { reported } = member;
    if (!reported || reported.round <= after || reported.round > last) continue;
    const key = `${reported.round} ${reported.digest}`;
    groups.set(key, [...(groups.get(key) ?? []), member]);
  }
  const [best, ...others] = [...groups.values()].sort((a, b) => b.length - a.length || roundOf(b) - roundOf(a));
  if (!best || others.some((other) => contradict(best, other))) return undefined;
  return { round: roundOf(best), members: best };
}

/**
 * The last round that a coordinator can begin with: all rounds before it are known, and every evaluation and checkpoint
 * before it is reported.
 *
 * @param after the round of the snapshot
 * @param committed rounds before this one are in the log, or were done under a lease
 */
export function lastRecoverableRound(options: TriggerOptions, after: number, committed: number): number {
  const isDue = (round: number): boolean => {
    const { evaluate = false, checkpoint = false } = triggerAt(options, round) ?? {};
    return evaluate || checkpoint;
  };
  let round = after + 1;
  while (round < committed && !isDue(round)) round++;
  return Math.min(round, committed);
}

/** Rounds that workers did under a lease after the end of the log. */
export function unreportedCommits(members: readonly WorkerProxy[], committed: number): Commit[] {
  const leaseReport = members.map(({ reported }) => (reported ? commitsOf(reported) : []));
  const news = leaseReport.map((commits) => commits.filter(({ round }) => round >= committed));
  return news.find(([first]) => first?.round === committed) ?? [];
}

const roundOf = ([{ reported }]: readonly WorkerProxy[]): number => reported?.round ?? 0;

/** Replicas of one kind are in the same round and in different states. */
function contradict(these: readonly WorkerProxy[], those: readonly WorkerProxy[]): boolean {
  const kinds = new Set(these.map(({ info }) => info.deviceKind));
  return roundOf(these) === roundOf(those) && those.some(({ info }) => kinds.has(info.deviceKind));
}
