/**
 * Limits the time of evaluations, or of checkpoints: half a second plus a tenth of the time that the run has lasted. On
 * tiny data an epoch takes milliseconds, and a checkpoint after each would take most of the run. An interval that the
 * user gives is kept, whatever time it takes.
 */
import type { Clock } from "../world/world.js";

/** Milliseconds. */
const ALWAYS = 500;
const SHARE = 0.1;

export class Allowance {
  readonly #clock: Clock;
  readonly #began: number;
  readonly #isAskedFor: boolean;
  #spent = 0;

  /** @param every epochs between two of them, if the user gave it */
  constructor(clock: Clock, every?: number) {
    this.#clock = clock;
    this.#isAskedFor = every !== undefined;
    this.#began = clock.now();
  }

  /** Whether there is time for another one. */
  get isLeft(): boolean {
    return this.#isAskedFor || this.#spent <= ALWAYS + SHARE * (this.#clock.now() - this.#began);
  }

  /** Does `action` and counts its time. */
  async spend(action: () => Promise<void>): Promise<void> {
    const start = this.#clock.now();
    await action();
    this.count(this.#clock.now() - start);
  }

  /** Counts the milliseconds of one more occurrence. */
  count(milliseconds: number): void {
    this.#spent += milliseconds;
  }
}
