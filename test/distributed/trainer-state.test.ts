import { describe, expect, it } from "vitest";
import { toLearnerState, toTrainerState } from "../../src/distributed/trainer-state.js";
import { LOSS_SCALE, stateBuffers } from "../../src/model/lower.js";
import { OPTIMIZERS, updateRule } from "../../src/optimizer/optimizer.js";
import { parseConfig } from "../../src/training/config/config.js";
import { optimizerFromConfig } from "../../src/training/from-config.js";

describe("the state of a learner, as that of a trainer", () => {
  for (const optimizer of OPTIMIZERS) {
    for (const precision of ["f32", "f16"] as const) {
      it(`comes back as it was: ${optimizer}, ${precision}`, () => {
        const config = parseConfig({ optimizer, precision });
        const slots = stateBuffers(updateRule(optimizerFromConfig(config)));
        const vectors = [...slots, "parameters"].map((_, i) => Float32Array.of(i, i + 0.5));
        const state = { vectors, scalars: precision === "f16" ? [1024, 7] : [] };
        const named = toTrainerState(config, 3, state);
        expect(named.step).toBe(3);
        expect(named.parameters).toBe(vectors[0]);
        expect(Object.keys(named.optimizer)).toEqual(precision === "f16" ? [...slots, LOSS_SCALE] : slots);
        expect(toLearnerState(config, named)).toEqual(state);
      });
    }
  }
});
