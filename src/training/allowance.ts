/**
 * Time that evaluations, or checkpoints, may take beside the training that they are for: half a second, and a tenth of the time
 * that the run has lasted. On tiny data an epoch takes milliseconds, and a checkpoint after each would take most of the run.
 */
import type { Clock } from "../world/world.js";

/** Milliseconds. */
const ALWAYS = 500;
const SHARE = 0.1;

export class Allowance {
  readonly #clock: Clock;
  readonly #began: number;
  #spent = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#began = clock.now();
  }

  /** Whether there is time for another one. */
  get isLeft(): boolean {
    return this.#spent <= ALWAYS + SHARE * (this.#clock.now() - this.#began);
  }

  /** Does `action`, and counts the time that it takes. */
  async spend(action: () => Promise<void>): Promise<void> {
    const start = this.#clock.now();
    await action();
    this.#spent += this.#clock.now() - start;
  }
}
