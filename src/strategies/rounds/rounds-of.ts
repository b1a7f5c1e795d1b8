/** The rounds of a strategy in a run of some steps, one after the other. */
import type { Strategy } from "../strategy.js";

interface Round {
  readonly round: number;
  /** Steps and images when it ends. */
  readonly step: number;
  readonly images: number;
}

export function* roundsOf(strategy: Pick<Strategy, "advance">, steps: number): Generator<Round> {
  let [step, images] = [0, 0];
  for (let round = 0; step < steps; round++) {
    const made = strategy.advance(round);
    step += made.steps;
    images += made.samples;
    yield { round, step, images };
  }
}
