import { expect, it, vi } from "vitest";
import type { StoredCheckpoint } from "../../src/checkpoint/read.js";
import { openAsTrained } from "../../src/cli/trained.js";
import type { Arithmetic } from "../../src/device/cpu/arithmetic.js";
import { planNew } from "../../src/training/plan.js";
import { toCheckpoint } from "../../src/training/run-folder/snapshot.js";
import { CONFIG, smallDataset } from "../training/small-run.js";

function checkpoint(arithmetic: Arithmetic): StoredCheckpoint {
  const { model, config } = planNew({ ...CONFIG, arithmetic }, smallDataset());
  const state = { step: 3, parameters: new Float32Array(model.layout.length), optimizer: {} };
  return { ...toCheckpoint(model, config, state, 24), path: "run" } as unknown as StoredCheckpoint;
}

it("a checkpoint is used with the arithmetic that it was trained with; where that is not to be had, a note says so", async () => {
  const said = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  try {
    const same = await openAsTrained(checkpoint("fma"), { device: "cpu", threads: 1 });
    expect(same.info.arithmetic?.f32).toBe("fma");
    same.destroy();
    expect(said).not.toHaveBeenCalled();
    const other = await openAsTrained(checkpoint("bf16x3"), { device: "reference" });
    expect(other.info.kind).toBe("reference");
    other.destroy();
    expect(said.mock.calls.map(([text]) => text)).toEqual([
      expect.stringMatching(/^note: trained with arithmetic bf16x3, and .* has fma: last digits may differ\n$/),
    ]);
  } finally {
    said.mockRestore();
  }
});
