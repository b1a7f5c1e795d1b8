/** When a doubt about the replicas leads to a roll-back, and when it ends the run. */

/** More roll-backs to one snapshot than these end the run. */
const MOST_ROLL_BACKS = 5;

/** The message about values that are not finite, whichever worker computes them. */
export const diverged = (step: number, what: string, advice: string): string =>
  `training diverged: ${what} is not finite at step ${step}: ${advice}`;

export class RollbackPolicy {
  #rollBacks = 0;
  /** The step at which training seemed to diverge. */
  #step: number | undefined;
  readonly #advice: string;

  /** @param advice end of the message about values that are not finite */
  constructor(advice = "lower lr or set clip") {
    this.#advice = advice;
  }

  /** The replicas agreed on a state. */
  settle(): void {
    this.#rollBacks = 0;
  }

  /** @returns the reason to end the run; undefined: roll back */
  disagreed(workers: readonly number[]): string | undefined {
    if (++this.#rollBacks <= MOST_ROLL_BACKS) return undefined;
    return `workers ${workers} differ from the others again and again; take them out of --devices`;
  }

  /**
   * A damaged replica looks like divergence too: divergence is believed when it happens again at the same step after a
   * roll-back.
   *
   * @returns the reason to end the run; undefined: roll back
   */
  diverged(step: number, what: string): string | undefined {
    if (this.#step === step) return diverged(step, what, this.#advice);
    this.#step = step;
    return undefined;
  }
}
