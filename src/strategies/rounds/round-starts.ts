/** Rounds of one length that follow one another. */
interface Stretch {
  /** The first of them, and the training steps before it. */
  readonly round: number;
  readonly step: number;
  /** Steps of each. */
  readonly steps: number;
}

/**
 * The training steps before each round of a strategy. Lengths are asked for once, in the order of the rounds. Only changes of the
 * length are kept, so that memory does not grow with the steps of a run.
 */
export class RoundStarts {
  readonly #lengthOf: (round: number, step: number) => number;
  readonly #stretches: Stretch[] = [];
  /** Rounds whose length is known, and the steps of all of them. */
  #known = 0;
  #steps = 0;

  /** @param lengthOf the steps of a round that begins at `step` */
  constructor(lengthOf: (round: number, step: number) => number) {
    this.#lengthOf = lengthOf;
  }

  /** A round before the first one begins where that does. */
  stepAt(round: number): number {
    while (this.#known < round) this.#askNext();
    if (round <= 0) return 0;
    const { round: first, step, steps } = this.#stretchOf(round);
    return step + (round - first) * steps;
  }

  #askNext(): void {
    const steps = this.#lengthOf(this.#known, this.#steps);
    if (steps !== this.#stretches.at(-1)?.steps) this.#stretches.push({ round: this.#known, step: this.#steps, steps });
    this.#known++;
    this.#steps += steps;
  }

  /** The last stretch that begins before `round`. Most questions are about the newest rounds. */
  #stretchOf(round: number): Stretch {
    let [low, high] = [0, this.#stretches.length - 1];
    if (this.#stretches[high].round < round) return this.#stretches[high];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.#stretches[middle].round < round) low = middle;
      else high = middle - 1;
    }
    return this.#stretches[low];
  }
}
