/** The reconstruction error of a model over a whole split, on the device that holds its parameters. */
import { measureReconstruction, type ReconstructionError } from "../analysis/reconstruction-error.js";
import type { Split } from "../data/dataset.js";
import type { Device, DeviceBuffer } from "../device/device.js";
import type { Autoencoder } from "../model/autoencoder.js";
import { forward } from "../model/dense.js";

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
      const traces = forward(builder, model.layers, model.layout, parameters, images, false);
      return traces[traces.length - 1].output;
    },
  });
}
