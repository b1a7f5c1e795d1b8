/** Says that a run waits because there are fewer workers than it needs, and that it goes on. */

/** Milliseconds after which it is told: workers that fail come back within a while. */
const PATIENCE = 2000;

export class Shortage {
  /** When it began. */
  #since: number | undefined;
  #isTold = false;

  /** @param missing workers that the run waits for */
  news(missing: number, now: number): string | undefined {
    if (missing > 0) {
      this.#since ??= now;
      if (this.#isTold || now - this.#since < PATIENCE) return undefined;
      this.#isTold = true;
      return `the run waits for ${missing} more ${missing === 1 ? "worker" : "workers"}: there are fewer than the least`;
    }
    const seconds = (now - (this.#since ?? now)) / 1000;
    const wasTold = this.#isTold;
    this.#since = undefined;
    this.#isTold = false;
    return wasTold ? `there are enough workers again, after ${seconds.toFixed(1)} s` : undefined;
  }
}
