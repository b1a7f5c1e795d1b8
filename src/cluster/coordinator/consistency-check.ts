/** A milestone under way: the replicas vote on the state that they are in, and, where that is due, one of them measures it. */

import type { Snapshot } from "../protocol.js";
import { Evaluation } from "./evaluation.js";
import type { Verdict } from "./majority-vote.js";
import type { Milestone, Milestones } from "./trigger.js";
import { Election } from "./vote-collection.js";
import type { Course, Member } from "./worker-proxy.js";

export class Review {
  readonly milestone: Milestone;
  readonly #course: Course;
  #election: Election | undefined;
  #evaluation: Evaluation | undefined;
  readonly #began: number;
  #agreedAt: number | undefined;
  /** A worker was lost meanwhile: the time that passes is not that of a vote, or of an evaluation. */
  #isDisturbed = false;

  constructor(milestone: Milestone, course: Course, now: number) {
    this.milestone = milestone;
    this.#course = course;
    this.#began = now;
  }

  /**
   * Asks for votes, and counts them.
   *
   * @param set free for the new snapshot; undefined while all are in use, until the disk has caught up
   * @returns the outcome, when there is one
   */
  vote(members: readonly Member[], set: number | undefined, grace: number, now: number): Verdict | undefined {
    if (!this.#election && set !== undefined) this.#election = new Election(this.#course, set, now);
    this.#election?.ask(members, now);
    return this.#election?.verdict(members, grace, now);
  }

  saved(member: Member, snapshot: Snapshot): void {
    this.#election?.take(member, snapshot);
  }

  /** Reminds a member that has not voted. False when there is nothing to be reminded of. */
  remind(member: Member, patience: number, now: number): boolean {
    if (!this.#election?.owes(member)) return false;
    this.#election.remind(member, patience, now);
    return true;
  }

  /** The vote is over. */
  agreed({ round, owner }: Snapshot, now: number): void {
    this.#election = undefined;
    this.#agreedAt = now;
    this.#evaluation = new Evaluation(round, owner);
  }

  /** Has the state measured. */
  evaluate(members: readonly Member[], patience: number, now: number): void {
    this.#evaluation?.ask(members, patience, now);
  }

  disturb(): void {
    this.#isDisturbed = true;
  }

  /** All that was due is done: tells how long it took. */
  done(milestones: Milestones, now: number): void {
    if (this.#isDisturbed || this.#agreedAt === undefined) return;
    milestones.took(this.milestone, this.#agreedAt - this.#began, now - this.#agreedAt);
  }
}
