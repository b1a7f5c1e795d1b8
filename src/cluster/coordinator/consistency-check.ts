/** A triggerAt under way: the replicas vote on the state that they are in, and, where that is due, one of them measures it. */

import type { Snapshot } from "../protocol.js";
import { Evaluation } from "./evaluation.js";
import type { VoteResult } from "./majority-vote.js";
import type { Milestones, Trigger } from "./trigger.js";
import { VoteCollection } from "./vote-collection.js";
import type { RoundSource, WorkerProxy } from "./worker-proxy.js";

export class ConsistencyCheck {
  readonly triggerAt: Trigger;
  readonly #rounds: RoundSource;
  #votes: VoteCollection | undefined;
  #evaluation: Evaluation | undefined;
  readonly #began: number;
  #agreedAt: number | undefined;
  /** A worker was lost meanwhile: the time that passes is not that of a vote, or of an evaluation. */
  #isDisturbed = false;

  constructor(triggerAt: Trigger, rounds: RoundSource, now: number) {
    this.triggerAt = triggerAt;
    this.#rounds = rounds;
    this.#began = now;
  }

  /**
   * Asks for votes, and counts them.
   *
   * @param set free for the new snapshot; undefined while all are in use, until the disk has caught up
   * @returns the outcome, when there is one
   */
  vote(members: readonly WorkerProxy[], set: number | undefined, grace: number, now: number): VoteResult | undefined {
    if (!this.#votes && set !== undefined) this.#votes = new VoteCollection(this.#rounds, set, now);
    this.#votes?.ask(members, now);
    return this.#votes?.result(members, grace, now);
  }

  saved(member: WorkerProxy, snapshot: Snapshot): void {
    this.#votes?.take(member, snapshot);
  }

  /** Reminds a member that has not voted. False when there is nothing to be reminded of. */
  remind(member: WorkerProxy, patience: number, now: number): boolean {
    if (!this.#votes?.owes(member)) return false;
    this.#votes.remind(member, patience, now);
    return true;
  }

  /** The vote is over. */
  agreed({ round, owner }: Snapshot, now: number): void {
    this.#votes = undefined;
    this.#agreedAt = now;
    this.#evaluation = new Evaluation(round, owner);
  }

  /** Has the state measured. */
  evaluate(members: readonly WorkerProxy[], patience: number, now: number): void {
    this.#evaluation?.ask(members, patience, now);
  }

  disturb(): void {
    this.#isDisturbed = true;
  }

  /** All that was due is done: tells how long it took. */
  done(triggers: Milestones, now: number): void {
    if (this.#isDisturbed || this.#agreedAt === undefined) return;
    triggers.took(this.triggerAt, this.#agreedAt - this.#began, now - this.#agreedAt);
  }
}
