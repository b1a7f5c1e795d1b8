/** A check of the replicas at a trigger: they vote on their state, and one of them evaluates it if an evaluation is due. */

import type { Trigger, Triggers } from "../../training/triggers.js";
import type { Snapshot } from "../protocol.js";
import { Evaluation } from "./evaluation.js";
import type { VoteResult } from "./majority-vote.js";
import { VoteCollection } from "./vote-collection.js";
import type { RoundSource, WorkerProxy } from "./worker-proxy.js";

export class ConsistencyCheck {
  readonly trigger: Trigger;
  readonly #rounds: RoundSource;
  #votes: VoteCollection | undefined;
  #evaluation: Evaluation | undefined;
  readonly #began: number;
  #agreedAt: number | undefined;
  /** A worker was lost during the check, so the duration of the check says nothing about later ones. */
  #isDisturbed = false;

  constructor(trigger: Trigger, rounds: RoundSource, now: number) {
    this.trigger = trigger;
    this.#rounds = rounds;
    this.#began = now;
  }

  /**
   * Asks for votes and counts them.
   *
   * @param set where the replicas save the snapshot; undefined while all sets are still to be written to disk
   * @returns the result, once there is one
   */
  vote(members: readonly WorkerProxy[], set: number | undefined, grace: number, now: number): VoteResult | undefined {
    if (!this.#votes && set !== undefined) this.#votes = new VoteCollection(this.#rounds, set, now);
    this.#votes?.ask(members, now);
    return this.#votes?.result(members, grace, now);
  }

  saved(member: WorkerProxy, snapshot: Snapshot): void {
    this.#votes?.take(member, snapshot);
  }

  /** Reminds a worker that was asked and has not voted. Returns false for any other worker. */
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

  /** Asks one replica to evaluate the state. */
  evaluate(members: readonly WorkerProxy[], patience: number, now: number): void {
    this.#evaluation?.ask(members, patience, now);
  }

  disturb(): void {
    this.#isDisturbed = true;
  }

  /** Records the duration of the check. */
  done(triggers: Triggers, now: number): void {
    if (this.#isDisturbed || this.#agreedAt === undefined) return;
    triggers.took(this.trigger, this.#agreedAt - this.#began, now - this.#agreedAt);
  }
}
