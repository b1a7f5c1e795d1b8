/**
 * LeaseManager (Gray & Cheriton 1989): workers that would have to ask nobody need not ask. Where every worker that there is has
 * one part of a round, all of them are given leave to go through many rounds by themselves and to tell of them together; for
 * every message costs the kernels a part of a millisecond. A lease ends at the next triggerAt, and soon, so that who comes, or
 * wants something, does not wait for long.
 *
 * This is the coordinator's side; the worker's is `LeaseRunner`. While a lease is out nothing else is done in
 * the round.
 */

import { type Barrier, MOST_AT_BARRIER } from "../../collective/barrier.js";
import type { Commit, Lease, LeaseReport, Standing } from "../protocol.js";
import type { Grant } from "./part-scheduler.js";
import type { Trigger } from "./trigger.js";
import type { WorkerProxy } from "./worker-proxy.js";

export interface LeaseManagerOptions {
  readonly triggers: { due(round: number): Trigger | undefined };
  readonly barrier: Barrier;
  /** Rounds after which something is made to fail: nobody is to be past them by then. */
  readonly faultRounds?: readonly number[];
  readonly parts: number;
  /** Milliseconds that a worker may take to answer anything. */
  readonly step: number;
}

/** What came of a lease. */
export interface LeaseOutcome {
  /** How far all came. */
  readonly round: number;
  /** The rounds up to there. */
  readonly commits: readonly Commit[];
  /** Milliseconds a round. */
  readonly pace: number;
  /** The holders that are there, that say that they are farther, and that have not said anything. */
  readonly there: readonly number[];
  readonly ahead: readonly number[];
  readonly missing: readonly number[];
}

/** Milliseconds of a lease: as long as people wait for a status, and less than what is taken for a lost word. */
const LONGEST = 750;
/** Of the time after which a worker that does not answer is ended. */
const SHARE = 0.25;
/** Rounds for which a shared lease has to have time. */
const WORTH = 4;

export class LeaseManager {
  readonly #options: LeaseManagerOptions;
  #lease: Lease | undefined;
  /** Those who are still there. */
  #holders: readonly number[] = [];
  /** What they have told at its end, and when the first of them did. */
  readonly #told = new Map<number, LeaseReport>();
  #toldAt = 0;
  /** A lease came to nothing in this round, which is done under supervision. */
  #refused: number | undefined;

  constructor(options: LeaseManagerOptions) {
    this.#options = options;
  }

  /** The workers that have one now. */
  get holders(): readonly number[] {
    return this.#holders;
  }

  /** A lease for those to whom all parts of `round` were granted, to begin with it, if those are all workers there are. */
  grant(grants: readonly Grant[], members: readonly WorkerProxy[], round: number): Lease | undefined {
    const { triggers, faultRounds, barrier, step } = this.#options;
    const milliseconds = Math.min(LONGEST, SHARE * step);
    const holders = this.#holdersOf(grants);
    const isShared = holders.length > 1;
    if (holders.length === 0 || members.length !== holders.length || round === this.#refused) return undefined;
    if (isShared && !members.every((member) => isReady(member, round, milliseconds))) return undefined;
    let until = round + 1;
    while (!triggers.due(until) && !faultRounds?.includes(until)) until++;
    this.#holders = holders;
    this.#lease = { until, milliseconds, holders, ...(isShared && { barrier: barrier.open(round) }) };
    return this.#lease;
  }

  /**
   * Takes what a holder tells. False when that is of another lease, and it is old, or was done while others went on without
   * it.
   *
   * @param number the round at hand
   */
  take(leaseReport: LeaseReport, number: number, now: number): boolean {
    const { worker, round, losses, barrier } = leaseReport;
    const isOfIt = this.#holders.includes(worker) && barrier === this.#lease?.barrier;
    if (!isOfIt || round < number || round - losses.length > number) return false;
    // What is told again, after the next one was given, is no news.
    if (round === number && losses.length > 0) return true;
    if (this.#told.size === 0) this.#toldAt = now;
    this.#told.set(worker, leaseReport);
    return true;
  }

  /** All have told how far they came, or some have, and the others have not for so many milliseconds. */
  isOver(grace: number, now: number): boolean {
    const isMissing = this.#holders.some((holder) => !this.#told.has(holder));
    return this.#told.size > 0 && (!isMissing || now - this.#toldAt > grace);
  }

  /** What came of it; it ends with that. @param number the round at hand */
  settle(number: number): LeaseOutcome {
    const told = [...this.#told.values()];
    // They agree, unless something was damaged.
    const round = Math.min(...told.map((leaseReport) => leaseReport.round));
    const [leaseReport] = told.filter((one) => one.round === round);
    const { losses, milliseconds } = leaseReport;
    const commits = commitsOf(leaseReport).filter((commit) => commit.round >= number);
    const holders = this.#holders;
    const rounds = new Map(told.map((one) => [one.worker, one.round]));
    this.end();
    return {
      ...{ round, commits, pace: milliseconds / Math.max(1, losses.length) },
      there: holders.filter((holder) => rounds.get(holder) === round),
      ahead: holders.filter((holder) => (rounds.get(holder) ?? round) > round),
      missing: holders.filter((holder) => !rounds.has(holder)),
    };
  }

  /** A holder is gone. The others stop, and tell how far they came. */
  leave(worker: number): void {
    if (!this.#holders.includes(worker)) return;
    this.#close();
    this.#holders = this.#holders.filter((holder) => holder !== worker);
  }

  end(): void {
    this.#close();
    this.#lease = undefined;
    this.#holders = [];
    this.#told.clear();
  }

  /** Its holders could not do this round by themselves. */
  refuse(round: number): void {
    this.#refused = round;
    this.end();
  }

  /** The worker of each part; none where parts are missing, or someone has several. */
  #holdersOf(grants: readonly Grant[]): number[] {
    const { parts } = this.#options;
    if (grants.length !== parts || parts > MOST_AT_BARRIER) return [];
    const holders = [...grants].sort((a, b) => a.part - b.part).map(({ worker }) => worker);
    return new Set(holders).size === parts ? holders : [];
  }

  #close(): void {
    const { barrier } = this.#lease ?? {};
    if (barrier !== undefined) this.#options.barrier.close(barrier);
  }
}

/** It is known where it is, and that its rounds are short. */
function isReady({ state, heard, pace }: WorkerProxy, round: number, milliseconds: number): boolean {
  return state === "active" && heard >= round - 1 && pace > 0 && WORTH * pace <= milliseconds;
}

/** What was done under a lease, round by round. */
export function commitsOf({ round, losses, milliseconds, holders }: Standing): Commit[] {
  const count = losses.length;
  return losses.map((loss, i) => ({
    round: round - count + i,
    loss,
    workers: holders,
    ago: ((count - 1 - i) * milliseconds) / count,
  }));
}
