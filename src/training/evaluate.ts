/** The reconstruction error of a model over rows, on the device that holds its parameters. */
import { measureReconstruction, type ReconstructionError } from "../analysis/reconstruction-error.js";
import { type Dataset, type Split, sampleSplit } from "../data/dataset.js";
import type { Device, DeviceBuffer } from "../device/device.js";
import type { Autoencoder } from "../model/autoencoder.js";
import { forward } from "../model/dense.js";

/** Errors of the present parameters of an autoencoder. */
export interface ReconstructionEvaluation {
  readonly test: ReconstructionError;
  /** Over some of the training rows: the difference to the test error shows overfitting. */
  readonly train?: ReconstructionError;
}

/** The same of another model: the loss, its terms, and the share of right classes, by name. */
export interface ModelEvaluation {
  readonly test: Readonly<Record<string, number>>;
  readonly train?: Readonly<Record<string, number>>;
}

/** What an evaluation finds. */
export type Evaluation = ReconstructionEvaluation | ModelEvaluation;

/** Whether it is that of an autoencoder. */
export const isOfReconstructions = (found: Evaluation): found is ReconstructionEvaluation => "sse" in found.test;

/**
 * Bounds for the number of measured training rows, which is otherwise that of the test rows. From the lower bound on,
 * the error is known to a few percent; more rows than the upper bound take time without effect.
 */
const [LEAST_TRAINING_ROWS, MOST_TRAINING_ROWS] = [1000, 5000];

/** The training rows that evaluations measure. */
export const evaluatedRows = ({ train, test }: Pick<Dataset, "train" | "test">): Split =>
  sampleSplit(train, Math.min(MOST_TRAINING_ROWS, Math.max(LEAST_TRAINING_ROWS, test.count)));

/** @param train from `evaluatedRows` */
export async function evaluateBoth(
  device: Device,
  model: Autoencoder,
  { train, test }: Pick<Dataset, "train" | "test">,
  parameters: DeviceBuffer<"f32">,
): Promise<ReconstructionEvaluation> {
  return {
    test: await evaluate(device, model, test, parameters),
    train: await evaluate(device, model, train, parameters),
  };
}

/**
 * The error of reconstructions over all rows of a split.
 * @param parameters the model's flat vector on `device`, read after everything enqueued so far
 * @example
 * ```ts
 * import { Autoencoder, data, evaluate, openDevice } from "dawnpour";
 *
 * const model = new Autoencoder({
 *   ...{ layers: [784, 8], activation: "relu", codeActivation: "linear", outputActivation: "sigmoid" },
 *   initialiser: "glorot",
 * });
 * await using device = await openDevice({ device: "cpu" });
 * const parameters = device.createBuffer("f32", model.layout.length, "parameters");
 * parameters.write(model.initialParameters(0));
 * const { sse, mse } = await evaluate(device, model, data.digitsDataset({ count: 60 }).test, parameters);
 * console.log(Math.abs(sse / mse - 784) < 0.01); // true
 * ```
 */
export function evaluate(
  device: Device,
  model: Autoencoder,
  split: Split,
  parameters: DeviceBuffer<"f32">,
): Promise<ReconstructionError> {
  return measureReconstruction(device, split, {
    name: "evaluation",
    bindings: { parameters },
    reconstruct(builder, images) {
      const vector = builder.buffer("parameters", "f32", [model.layout.length]);
      const parameters = { weights: vector, biases: vector };
      return forward(builder, model.layers, model.layout, parameters, images);
    },
  });
}
