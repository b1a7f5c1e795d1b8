/**
 * Leases (Gray & Cheriton 1989): workers that would have to ask nobody need not ask. Where every worker that there is has
 * one part of a round, all of them are given leave to go through many rounds by themselves and to tell of them together; for
 * every message costs the kernels a part of a millisecond. A lease ends at the next milestone, and soon, so that who comes, or
 * wants something, does not wait for long.
 *
 * This is the coordinator's side; the worker's is `Leader`. While a lease is out nothing else is done in
 * the round.
 */

import { MOST_TOGETHER, type Rendezvous } from "../../collective/barrier.js";
import type { Commit, Lease, Led, Standing } from "../protocol.js";
import type { Grant } from "./part-scheduler.js";
import type { Milestone } from "./trigger.js";
import type { Member } from "./worker-proxy.js";

export interface LeasePlace {
  readonly milestones: { due(round: number): Milestone | undefined };
  readonly rendezvous: Rendezvous;
  /** Rounds after which something is made to fail: nobody is to be past them by then. */
  readonly faultRounds?: readonly number[];
  readonly parts: number;
  /** Milliseconds that a worker may take to answer anything. */
  readonly step: number;
}

/** What came of a lease. */
export interface Settlement {
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

export class Leases {
  readonly #place: LeasePlace;
  #lease: Lease | undefined;
  /** Those who are still there. */
  #holders: readonly number[] = [];
  /** What they have told at its end, and when the first of them did. */
  readonly #told = new Map<number, Led>();
  #toldAt = 0;
  /** A lease came to nothing in this round, which is done under supervision. */
  #refused: number | undefined;

  constructor(place: LeasePlace) {
    this.#place = place;
  }

  /** The workers that have one now. */
  get holders(): readonly number[] {
    return this.#holders;
  }

  /** A lease for those to whom all parts of `round` were granted, to begin with it, if those are all workers there are. */
  grant(grants: readonly Grant[], members: readonly Member[], round: number): Lease | undefined {
    const { milestones, faultRounds, rendezvous, step } = this.#place;
    const milliseconds = Math.min(LONGEST, SHARE * step);
    const holders = this.#holdersOf(grants);
    const isShared = holders.length > 1;
    if (holders.length === 0 || members.length !== holders.length || round === this.#refused) return undefined;
    if (isShared && !members.every((member) => isReady(member, round, milliseconds))) return undefined;
    let until = round + 1;
    while (!milestones.due(until) && !faultRounds?.includes(until)) until++;
    this.#holders = holders;
    this.#lease = { until, milliseconds, holders, ...(isShared && { meeting: rendezvous.open(round) }) };
    return this.#lease;
  }

  /**
   * Takes what a holder tells. False when that is of another lease, and it is old, or was done while others went on without
   * it.
   *
   * @param number the round at hand
   */
  take(led: Led, number: number, now: number): boolean {
    const { worker, round, losses, meeting } = led;
    const isOfIt = this.#holders.includes(worker) && meeting === this.#lease?.meeting;
    if (!isOfIt || round < number || round - losses.length > number) return false;
    // What is told again, after the next one was given, is no news.
    if (round === number && losses.length > 0) return true;
    if (this.#told.size === 0) this.#toldAt = now;
    this.#told.set(worker, led);
    return true;
  }

  /** All have told how far they came, or some have, and the others have not for so many milliseconds. */
  isOver(grace: number, now: number): boolean {
    const isMissing = this.#holders.some((holder) => !this.#told.has(holder));
    return this.#told.size > 0 && (!isMissing || now - this.#toldAt > grace);
  }

  /** What came of it; it ends with that. @param number the round at hand */
  settle(number: number): Settlement {
    const told = [...this.#told.values()];
    // They agree, unless something was damaged.
    const round = Math.min(...told.map((led) => led.round));
    const [led] = told.filter((one) => one.round === round);
    const { losses, milliseconds } = led;
    const commits = commitsOf(led).filter((commit) => commit.round >= number);
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
    const { parts } = this.#place;
    if (grants.length !== parts || parts > MOST_TOGETHER) return [];
    const holders = [...grants].sort((a, b) => a.part - b.part).map(({ worker }) => worker);
    return new Set(holders).size === parts ? holders : [];
  }

  #close(): void {
    const { meeting } = this.#lease ?? {};
    if (meeting !== undefined) this.#place.rendezvous.close(meeting);
  }
}

/** It is known where it is, and that its rounds are short. */
function isReady({ state, heard, pace }: Member, round: number, milliseconds: number): boolean {
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
