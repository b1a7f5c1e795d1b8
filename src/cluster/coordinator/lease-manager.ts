/**
 * Leases (Gray & Cheriton 1989). Where each worker has exactly one part of a round, the workers may run many rounds without
 * messages, and report them together. That saves time, because every message takes a part of a millisecond from the kernels.
 * A lease ends at the next trigger, and within a second, so that a joining worker or a stop does not wait for long.
 *
 * This is the coordinator's side; `LeaseRunner` is the worker's. While a lease lasts, the coordinator hands out no parts.
 */

import { type Barrier, MOST_AT_BARRIER } from "../../collective/barrier.js";
import type { Trigger } from "../../training/triggers.js";
import type { Commit } from "../journal/journal-protocol.js";
import type { Lease, LeaseReport, Standing } from "../protocol.js";
import type { Grant } from "./part-scheduler.js";
import type { WorkerProxy } from "./worker-proxy.js";

export interface LeaseManagerOptions {
  readonly triggers: { due(round: number): Trigger | undefined };
  /** Without it no lease is shared. */
  readonly barrier?: Barrier;
  /** Rounds before which faults are due: no lease goes beyond them. */
  readonly faultRounds?: readonly number[];
  readonly parts: number;
  /** Milliseconds that a worker may take for one answer. */
  readonly step: number;
}

/** Outcome of a lease. */
export interface LeaseOutcome {
  /** The round that all reporting holders reached. */
  readonly round: number;
  /** The rounds up to there. */
  readonly commits: readonly Commit[];
  /** Milliseconds a round. */
  readonly pace: number;
  /** Holders in that round. */
  readonly there: readonly number[];
  /** Holders that report a later round. */
  readonly ahead: readonly number[];
  /** Holders without a report. */
  readonly missing: readonly number[];
}

/**
 * The longest lease, in milliseconds. It is shorter than the time after which a message without an answer is sent again.
 */
const LONGEST = 750;
/** A lease also lasts at most this fraction of the step timeout. */
const SHARE = 0.25;
/** A shared lease is granted if there is time for this many rounds. */
const WORTH = 4;

export class LeaseManager {
  readonly #options: LeaseManagerOptions;
  #lease: Lease | undefined;
  /** Holders that have not left. */
  #holders: readonly number[] = [];
  /** Reports of the holders, and the time of the first report. */
  readonly #told = new Map<number, LeaseReport>();
  #toldAt = 0;
  /** A round that could not be done under a lease; it is done without one. */
  #refused: number | undefined;

  constructor(options: LeaseManagerOptions) {
    this.#options = options;
  }

  /** Whether workers run under a lease. */
  get isOut(): boolean {
    return this.#holders.length > 0;
  }

  /** The present holders. */
  get holders(): readonly number[] {
    return this.#holders;
  }

  /** A lease that begins with `round`, if every worker is granted exactly one part of it. */
  grant(grants: readonly Grant[], members: readonly WorkerProxy[], round: number): Lease | undefined {
    const { triggers, faultRounds, barrier, step } = this.#options;
    const milliseconds = Math.min(LONGEST, SHARE * step);
    const holders = this.#holdersOf(grants);
    const isShared = holders.length > 1;
    if (holders.length === 0 || members.length !== holders.length || round === this.#refused) return undefined;
    if (isShared && !barrier) return undefined;
    if (isShared && !members.every((member) => isReady(member, round, milliseconds))) return undefined;
    let until = round + 1;
    while (!triggers.due(until) && !faultRounds?.includes(until)) until++;
    this.#holders = holders;
    this.#lease = { until, milliseconds, holders, ...(isShared && barrier && { barrier: barrier.open(round) }) };
    return this.#lease;
  }

  /**
   * Takes a holder's report. Returns false for the report of another lease, an old report, and a report of rounds that the
   * other holders did not do.
   *
   * @param number the current round
   */
  take(leaseReport: LeaseReport, number: number, now: number): boolean {
    const { worker, round, losses, barrier } = leaseReport;
    const isOfIt = this.#holders.includes(worker) && barrier === this.#lease?.barrier;
    if (!isOfIt || round < number || round - losses.length > number) return false;
    // This repeats a report of the lease before.
    if (round === number && losses.length > 0) return true;
    if (this.#told.size === 0) this.#toldAt = now;
    this.#told.set(worker, leaseReport);
    return true;
  }

  /** Whether all holders have reported, or `grace` milliseconds have passed since the first report. */
  isOver(grace: number, now: number): boolean {
    const isMissing = this.#holders.some((holder) => !this.#told.has(holder));
    return this.#told.size > 0 && (!isMissing || now - this.#toldAt > grace);
  }

  /** Ends the lease and returns its outcome. @param number the current round */
  settle(number: number): LeaseOutcome {
    const told = [...this.#told.values()];
    // The reports agree, unless a worker was damaged or did not pass the barrier.
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

  /** A holder is gone. The others stop at the closed barrier and report. */
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

  /** The holders could not do this round under the lease. */
  refuse(round: number): void {
    this.#refused = round;
    this.end();
  }

  /** The worker of each part; empty where parts are missing, or a worker has several. */
  #holdersOf(grants: readonly Grant[]): number[] {
    const { parts } = this.#options;
    if (grants.length !== parts || parts > MOST_AT_BARRIER) return [];
    const holders = [...grants].sort((a, b) => a.part - b.part).map(({ worker }) => worker);
    return new Set(holders).size === parts ? holders : [];
  }

  #close(): void {
    const { barrier } = this.#lease ?? {};
    if (barrier !== undefined) this.#options.barrier?.close(barrier);
  }
}

/** The worker is known to be in the round, and its rounds are short. */
function isReady({ state, heard, pace }: WorkerProxy, round: number, milliseconds: number): boolean {
  return state === "active" && heard >= round - 1 && pace > 0 && WORTH * pace <= milliseconds;
}

/** The rounds done under a lease. */
export function commitsOf({ round, losses, milliseconds, holders }: Standing): Commit[] {
  const count = losses.length;
  return losses.map((loss, i) => ({
    round: round - count + i,
    loss,
    workers: holders,
    ago: ((count - 1 - i) * milliseconds) / count,
  }));
}
