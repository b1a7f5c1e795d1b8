/** What candidates leave to defaults: it depends on the data and the candidate, not on the order of candidates. */
import { beforeAll, describe, expect, it } from "vitest";
import type { Dataset } from "../../src/data/dataset.js";
import { datasetInMemory } from "../../src/data/in-memory.js";
import { settleCandidates } from "../../src/search/settle.js";
import type { Candidate } from "../../src/search/space.js";
import type { TrainingOptions } from "../../src/training/config/config.js";
import { planRun } from "../../src/training/plan.js";

let dataset: Dataset;
beforeAll(() => {
  dataset = datasetInMemory({ train: Float32Array.from({ length: 1600 }, (_, i) => (i % 11) / 10), shape: [2, 2] });
});

/** The options of both candidates, in the order given and turned. */
function bothWays(one: Candidate, other: Candidate, given: TrainingOptions = {}) {
  const there = settleCandidates(given, [one, other], dataset);
  const back = settleCandidates(given, [other, one], dataset);
  expect(back).toEqual({ ...there, options: there.options.toReversed() });
  return there;
}

describe("the defaults of candidates", () => {
  it("are each candidate's own loss", () => {
    const { options } = bothWays({ outputActivation: "linear" }, { outputActivation: "sigmoid" });
    expect(options.map(({ loss }) => loss)).toEqual(["mse", "bce"]);
  });

  it("have epochs in common: those of the shared options", () => {
    const { epochs, options } = bothWays({ batch: 2 }, { batch: 64 });
    expect(options.map(({ batch, epochs }) => [batch, epochs])).toEqual([
      [2, epochs],
      [64, epochs],
    ]);
    expect(epochs).toBe(planRun({ config: {}, dataset }).config.epochs);
    expect(bothWays({ batch: 2 }, { batch: 64 }, { epochs: 3 }).epochs).toBe(3);
    expect(bothWays({ augment: "none" }, { augment: "shift" }).options).toHaveLength(2);
  });

  it("are those of a run with the same options", () => {
    const { epochs, options } = bothWays({ loss: "mse" }, { loss: "bce" });
    for (const [i, loss] of (["mse", "bce"] as const).entries()) {
      const { batch, layers } = planRun({ config: { epochs, loss }, dataset }).config;
      expect(options[i]).toMatchObject({ batch, layers, loss, epochs });
    }
  });
});
