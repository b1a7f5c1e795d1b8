/**
 * Leases (Gray & Cheriton 1989): a worker that would have to ask nobody need not ask. Where a round has one part, and there
 * is one worker to compute it, it is given leave to go through many rounds alone and to tell of them together; for every
 * message costs the kernels a part of a millisecond. A lease ends at the next milestone, and soon, so that who comes, or wants
 * something, does not wait for long.
 *
 * This is the coordinator's side; the worker's is `Solo`. While a lease is out nothing else is done in the round.
 */
import type { Member } from "./member.js";
import { type MilestoneOptions, milestone } from "./milestones.js";
import type { Commit, Lease, Led, Standing } from "./protocol.js";

export interface LeasePlace {
  readonly milestones: MilestoneOptions;
  /** Rounds after which something is made to fail: nobody is to be past them by then. */
  readonly faultRounds?: readonly number[];
  readonly parts: number;
  /** Milliseconds that a worker may take to answer anything. */
  readonly step: number;
}

/** Milliseconds of a lease: as long as people wait for a status, and less than what is taken for a lost word. */
const LONGEST = 750;
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
    const { parts, milestones, faultRounds, step } = this.#place;
    if (members.length !== 1 || parts > 1 || round === this.#refused) return undefined;
    this.#holder = members[0].index;
    let until = round + 1;
    while (!milestone(milestones, until) && !faultRounds?.includes(until)) until++;
    return { until, milliseconds: Math.min(LONGEST, SHARE * step) };
  }

  /**
   * The rounds from `number` on that its holder tells of. Undefined when that is of another lease, and what it tells is
   * old, or was done while others went on without it.
   */
  news(led: Led, number: number): Commit[] | undefined {
    const isNow = led.worker === this.#holder && led.round >= number && led.round - led.losses.length <= number;
    return isNow ? commitsOf(led.worker, led).filter(({ round }) => round >= number) : undefined;
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

/** What a worker did alone, round by round. */
export function commitsOf(worker: number, { round, losses, milliseconds }: Standing): Commit[] {
  const count = losses.length;
  return losses.map((loss, i) => ({
    round: round - count + i,
    loss,
    workers: [worker],
    ago: ((count - 1 - i) * milliseconds) / count,
  }));
}
