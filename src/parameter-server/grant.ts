/**
 * How far the parts of a run may go whose parts come together. They wait in a round in which something is due, until the snapshot of
 * that round is saved. So all pieces of a snapshot are of one round.
 */
import { type TriggerOptions, triggerAt } from "../training/triggers.js";

/** Rounds that the parts may be ahead of the coordinator's knowledge: it takes a moment to hear of a round, and to answer. */
const AHEAD = 8;

export class Grant {
  readonly #triggers: TriggerOptions;
  #until: number;

  /** @param round the one that is over as far as the run's record knows */
  constructor(triggers: TriggerOptions, round: number) {
    this.#triggers = triggers;
    this.#until = round;
  }

  /** The parts may go on until they have done this many clocks. */
  get until(): number {
    return this.#until;
  }

  /** A worker has a grant of this or of an earlier coordinator. */
  heard(until: number): void {
    this.#until = Math.max(this.#until, until);
  }

  /** All rounds before `round` are over and recorded, and nothing is due in it any more. */
  extend(round: number): void {
    let until = round + 1;
    while (until < round + AHEAD && !triggerAt(this.#triggers, until)) until++;
    this.heard(Math.min(until, this.#triggers.rounds));
  }
}
