/**
 * Leases (Gray & Cheriton 1989): a worker that would have to ask nobody need not ask. Where a round has one part, and there
 * is one worker to compute it, it is given leave to go through many rounds alone and to tell of them together; for every
 * message costs the kernels a part of a millisecond. A lease ends before the next milestone, and soon, so that who comes, or
 * wants something, does not wait.
 *
 * This is the coordinator's side; the worker's is `Solo`. While a lease is out nothing else is done in the round.
 */
import type { Member } from "./member.js";
import { type MilestoneOptions, milestone } from "./milestones.js";
import type { Lease, Led } from "./protocol.js";

export interface LeasePlace {
  readonly milestones: MilestoneOptions;
  readonly parts: number;
  /** Milliseconds that a worker may take to answer anything. */
  readonly step: number;
}

/** Milliseconds of a lease: as long as people wait for a status. */
const LONGEST = 250;
/** Of the time after which a worker that does not answer is ended. */
const SHARE = 0.25;

export class Leases {
  readonly #place: LeasePlace;
  #holder: number | undefined;
  /** A lease came to nothing in this round, which is done under supervision. */
  #refused: number | undefined;

  constructor(place: LeasePlace) {
    this.#place = place;
  }

  /** The worker that has one now. */
  get holder(): number | undefined {
    return this.#holder;
  }

  /** A lease for the only worker there is, to begin with `round`. */
  grant(members: readonly Member[], round: number): Lease | undefined {
    const { parts, milestones, step } = this.#place;
    if (members.length !== 1 || parts > 1 || round === this.#refused) return undefined;
    this.#holder = members[0].index;
    let until = round + 1;
    while (!milestone(milestones, until)) until++;
    return { until, milliseconds: Math.min(LONGEST, SHARE * step) };
  }

  /**
   * What its holder tells of the rounds from `number` on: their losses. Undefined when that is of another lease, and what it
   * tells is old, or was done while others went on without it.
   */
  news({ worker, round, losses }: Led, number: number): readonly number[] | undefined {
    const known = number - (round - losses.length);
    return worker === this.#holder && known >= 0 && round >= number ? losses.slice(known) : undefined;
  }

  end(): void {
    this.#holder = undefined;
  }

  /** Its holder could not do this round alone. */
  refuse(round: number): void {
    this.#refused = round;
    this.end();
  }
}
