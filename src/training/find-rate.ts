/** Finds a learning rate for a model of one's own. */
import { openDevice } from "../device/open.js";
import { flatModel } from "../model/flat-model.js";
import { learnedModel } from "../model/learned.js";
import type { ModelLoss } from "../model/losses/loss.js";
import type { Layer } from "../model/scope.js";
import { type CheckedData, checkedData, collected, type FitData } from "./fit/fit-data.js";
import { type FitOptions, settledOptions } from "./fit/fit-options.js";
import { checkFits } from "./fit/model-evaluation.js";
import { type RateSweep, sweepRates } from "./task/rate-sweep.js";

/** The options of `fit` that decide a step. */
export type FindRateOptions = Pick<FitOptions, "device" | "optimizer" | "batch" | "seed" | "precision">;

/**
 * Finds a learning rate by a range test: a hundred steps at rates from a thousandth of the optimizer's to a hundred times it, from new
 * parameters. `suggested` is the rate to train with; `points` draw the curve.
 * @throws UsageError, DataError or ProgramError as `fit` does
 * @example
 * ```ts
 * import { findRate, layers, losses } from "dawnpour";
 *
 * const x = Float32Array.from({ length: 400 }, (_, i) => Math.sin(i * i));
 * const labels = Uint8Array.from({ length: 200 }, (_, i) => (x[2 * i] > x[2 * i + 1] ? 1 : 0));
 * const { points, suggested } = await findRate(layers.dense(2), losses.crossEntropy(), { x, features: 2, labels });
 * console.log(points.length > 10, suggested === undefined || suggested > 0); // true true
 * ```
 */
export async function findRate(
  model: Layer,
  loss: ModelLoss,
  data: FitData | AsyncIterable<FitData>,
  options: FindRateOptions = {},
): Promise<RateSweep> {
  const checked = checkedData(await collected(data, "data"), "data");
  const { optimizer, batch, seed, precision, device: given } = settledOptions(options, checked.source.count);
  const { features, targets } = checked;
  const learned = learnedModel({ model, loss, features, targets, precision });
  checkFits(learned, checked, "data");
  const task = { flat: flatModel(learned), optimizer, target: targetOf(checked) } as const;
  const device = given ?? (await openDevice({ device: "auto" }));
  try {
    return await sweepRates(device, task, splitOf(checked), { batch, seed });
  } finally {
    if (!given) device.destroy();
  }
}

function targetOf({ source }: CheckedData) {
  if (source.target === "input") return "input";
  return source.classes ? "labels" : "targets";
}

const splitOf = ({ source: { count, scale }, x, features, y }: CheckedData) => ({
  ...{ images: x, count, features, scale },
  ...(y && { targets: y }),
});
