/** When a course is worth a second try, and when it is no use: every doubt has the replicas go back to the snapshot. */

/** Roll-backs to one snapshot after which the replicas will never agree. */
const MOST_ROLL_BACKS = 5;

export class RollbackPolicy {
  #rollBacks = 0;
  /** The step at which training seemed to diverge. */
  #step: number | undefined;
  readonly #advice: string;

  /** @param advice against values that are not finite, which ends the message */
  constructor(advice = "lower lr or set clip") {
    this.#advice = advice;
  }

  /** All is well again. */
  settle(): void {
    this.#rollBacks = 0;
  }

  /** @returns why to give up, unless it is to be tried again */
  disagreed(workers: readonly number[]): string | undefined {
    if (++this.#rollBacks <= MOST_ROLL_BACKS) return undefined;
    return `workers ${workers} differ from the others again and again: take them out of --devices`;
  }

  /**
   * A damaged replica looks like this, too: so it is believed when it happens again from a state that was voted on.
   *
   * @returns why to give up, unless it is to be tried again
   */
  diverged(step: number, what: string): string | undefined {
    if (this.#step === step) return `training diverged: ${what} is not finite at step ${step}: ${this.#advice}`;
    this.#step = step;
    return undefined;
  }
}
