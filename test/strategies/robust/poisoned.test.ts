/** Federated rounds in which a fifth of the clients send poison: the mean fails, and robust rules come to where the clean run does. */
import { describe, expect, it } from "vitest";
import type { ChoiceOptions } from "../../../src/choice.js";
import { federated } from "../../../src/strategies/federated/federated.js";
import type { StrategyFactory } from "../../../src/strategies/strategy.js";
import { CURVATURE, centre, course, RUN } from "../quadratic.js";

const [CLIENTS, ROUNDS] = [10, 12];
/** A fifth. */
const POISONED = [2, 7];
/** Enough for clients that are alike: Krum takes the change of one of them. */
const IMAGES = 1000;
const run = { ...RUN, images: IMAGES, parts: CLIENTS, batch: IMAGES / CLIENTS };

/** The same, but the poisoned clients send their change times a factor. */
const poisoned =
  (factor: number): StrategyFactory =>
  (options, about) => {
    const sound = federated(options, about);
    return {
      ...sound,
      async contribute(learner, context) {
        const loss = await sound.contribute(learner, context);
        if (POISONED.includes(context.part)) learner.vectors.scale(factor, context.out);
        return loss;
      },
    };
  };

/** The mean loss over all rows, at the end of a run. */
async function lossOf(factory: StrategyFactory, options: ChoiceOptions): Promise<number> {
  const w = (await course(factory, { E: 1, B: 25, ...options }, ROUNDS, run)).at(-1) ?? [];
  const all = Array.from({ length: IMAGES }, (_, row) => centre(row));
  const losses = all.map((c) => w.reduce((sum, value, i) => sum + (CURVATURE[i] * (value - c[i]) ** 2) / 2, 0));
  return losses.reduce((sum, loss) => sum + loss, 0) / IMAGES;
}

describe.each([100, -10])("a fifth of the clients sends its change times %i", (factor) => {
  it("which makes the mean useless", async () => {
    expect(await lossOf(poisoned(factor), {})).toBeGreaterThan(10 * (await lossOf(federated, {})));
  });

  it.each(["median", "trimmed-mean", "krum", "multi-krum", "geometric-median"])("which %s withstands", async (rule) => {
    const clean = await lossOf(federated, {});
    expect(await lossOf(poisoned(factor), { robust: rule, faulty: 2 })).toBeLessThan(1.1 * clean);
  });
});
