/** Which models a strategy with parameter servers cannot train. */
import { expect, test } from "vitest";
import { checkStrategy } from "../../src/distributed/check-strategy.js";
import { pieceUpdate } from "../../src/parameter-server/piece-update.js";
import type { TrainingConfig } from "../../src/training/config/config.js";
import { config } from "../simulation/small-training.js";

type Asked = Partial<Pick<TrainingConfig, "task" | "model" | "denoise" | "tied" | "variational" | "sparse">>;

const CHOICE = { precision: "f32" } as const;
const REASON =
  /steps by the run's optimizer on parameter servers, .*: leave (.*) out, or use strategy synchronous or local-sgd/;

test.each<[Asked, string]>([
  [{ task: "classify" }, "task classify"],
  [{ model: { module: "./mine.js" } }, "model mine.js"],
  [{ denoise: "mask:0.25" }, "denoise mask:0.25"],
  [{ tied: true }, "tied true"],
  [{ variational: 0.5 }, "variational 0.5"],
  [{ sparse: "l1:0.1" }, "sparse l1:0.1"],
])("%j: the servers have another optimizer", async (asked, what) => {
  const error: Error = await checkStrategy({ ...CHOICE, strategy: "stale", ...asked }).then(
    () => new Error("it was not refused"),
    (reason) => reason,
  );
  expect(REASON.exec(error.message)?.[1]).toBe(what);
  await expect(checkStrategy({ ...CHOICE, strategy: "downpour", ...asked })).resolves.toEqual({ isFree: true });
  // A strategy of a user's own says only then that it uses the optimizer.
  const update = pieceUpdate({ ...config, ...asked }, 1, 1, () => Promise.reject(new Error("it was not refused")));
  await expect(update.step({}, new Float32Array(1), { step: 0, updates: 0 })).rejects.toThrow(REASON);
});

test.each<Asked>([{}, { task: "autoencoder" }, { tied: false, variational: false }])(
  "%j: a plain autoencoder goes with parameter servers",
  async (asked) => {
    await expect(checkStrategy({ ...CHOICE, strategy: "stale", ...asked })).resolves.toEqual({ isFree: true });
  },
);
