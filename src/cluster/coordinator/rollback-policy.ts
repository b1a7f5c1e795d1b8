/** Decides whether damaged replicas or divergence lead to a roll-back or end the run. */

/** The most roll-backs to one snapshot. One more ends the run. */
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
   * A damaged replica can look like divergence. So the run is rolled back once, and ends if it diverges at the same step
   * again.
   *
   * @returns the reason to end the run; undefined: roll back
   */
  diverged(step: number, what: string): string | undefined {
    if (this.#step === step) return diverged(step, what, this.#advice);
    this.#step = step;
    return undefined;
  }
}
