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
  await expect(checkStrategy({ ...CHOICE, strategy: "downpour", ...asked })).resolves.toEqual({ isServed: true });
  // A strategy of a user's own says only then that it uses the optimizer.
  const update = pieceUpdate({ ...config, ...asked }, 1, 1, () => Promise.reject(new Error("it was not refused")));
  await expect(update.step({}, new Float32Array(1), { step: 0, updates: 0 })).rejects.toThrow(REASON);
});

test.each<Asked>([{}, { task: "autoencoder" }, { tied: false, variational: false }])(
  "%j: a plain autoencoder goes with parameter servers",
  async (asked) => {
    await expect(checkStrategy({ ...CHOICE, strategy: "stale", ...asked })).resolves.toEqual({ isServed: true });
  },
);

test.each<[NonNullable<TrainingConfig["strategy"]>, RegExp]>([
  ["local-sgd", /strategy local-sgd does not step by the sum of all gradients/],
  [{ name: "easgd", options: {} }, /strategy easgd keeps a state of each part/],
  [{ name: "robust", options: { rule: "median" } }, /strategy robust does not step by the sum/],
  [{ name: "synchronous", options: { backup: 1 } }, /strategy synchronous with backup leaves parts out/],
])("%j has no servers", async (strategy, why) => {
  await expect(checkStrategy({ ...CHOICE, strategy }, { servers: 2 })).rejects.toThrow(why);
  await expect(checkStrategy({ ...CHOICE, strategy })).resolves.toEqual({ isServed: false });
});

test.each(["synchronous", "map-reduce"])(
  "%s goes with servers, but not with a clip or a pipeline",
  async (strategy) => {
    const asked = { ...CHOICE, strategy };
    await expect(checkStrategy(asked, { servers: 2 })).resolves.toEqual({ isServed: true });
    await expect(checkStrategy({ ...asked, clip: 1 }, { servers: 2 })).rejects.toThrow("leave clip out");
    await expect(checkStrategy({ ...CHOICE, strategy: "synchronous" }, { servers: 2, pipeline: true })).rejects.toThrow(
      "leave pipeline or servers 2 out",
    );
  },
);
