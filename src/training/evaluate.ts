/** The reconstruction error of a model over rows, on the device that holds its parameters. */
import { measureReconstruction, type ReconstructionError } from "../analysis/reconstruction-error.js";
import { type Dataset, type Split, sampleSplit } from "../data/dataset.js";
import type { Device, DeviceBuffer } from "../device/device.js";
import type { Autoencoder } from "../model/autoencoder.js";
import { forward } from "../model/dense.js";

/** What a run has come to. */
export interface Evaluation {
  readonly test: ReconstructionError;
  /** Over some of the training rows: enough to tell what was learnt from what was learnt by heart. */
  readonly train?: ReconstructionError;
}

/**
 * Training rows that are measured: as many as there are test rows, within these bounds. From the lower one on their error is
 * known to some percent; more than the upper one would cost time and tell nothing.
 */
const [LEAST_TRAINING_ROWS, MOST_TRAINING_ROWS] = [1000, 5000];

/** The training rows that evaluations measure. */
export const evaluatedRows = ({ train, test }: Pick<Dataset, "train" | "test">): Split =>
  sampleSplit(train, Math.min(MOST_TRAINING_ROWS, Math.max(LEAST_TRAINING_ROWS, test.count)));

/** @param train as of `evaluatedRows` */
export async function evaluateBoth(
  device: Device,
  model: Autoencoder,
  { train, test }: Pick<Dataset, "train" | "test">,
  parameters: DeviceBuffer<"f32">,
): Promise<Evaluation> {
  return {
    test: await evaluate(device, model, test, parameters),
    train: await evaluate(device, model, train, parameters),
  };
}

/** @param parameters the model's flat vector on `device`, as everything enqueued so far leaves it */
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
