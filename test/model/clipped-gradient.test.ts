/** The sum of clipped gradients is that of the gradients of single rows, each computed and clipped by itself. */
import { describe, expect, it, test } from "vitest";
import type { Device } from "../../src/device/device.js";
import { openReferenceDevice } from "../../src/device/reference/reference-device.js";
import { dense } from "../../src/model/layers/dense.js";
import { batchNorm, dropout, layerNorm } from "../../src/model/layers/layers.js";
import { sequential } from "../../src/model/layers/sequential.js";
import { mse } from "../../src/model/losses/losses.js";
import type { Layer } from "../../src/model/scope.js";
import { anyTask } from "../../src/training/task/task.js";
import { AutoencoderWorkload } from "../../src/workload/autoencoder.js";
import type { Learner } from "../../src/workload/learner.js";
import { ModelWorkload } from "../../src/workload/model.js";
import type { StepWorkload } from "../../src/workload/workload.js";
import { BATCH, config, dataset, model } from "../simulation/small-training.js";
import { describeEveryDevice } from "../support/devices.js";

const ROWS = Uint32Array.of(3, 17, 4, 9, 0, 12, 7);

const ownModel = (layer: Layer, features = dataset.train.features): StepWorkload => {
  const own = () => ({ model: sequential([layer, dense(features)]), loss: mse() });
  const task = anyTask({ ...config, model: { module: "file:///own.mjs" } }, features, own);
  return new ModelWorkload({ task, steps: 4, batch: BATCH, seed: 0 });
};

const WORKLOADS: Readonly<Record<string, StepWorkload>> = {
  "an autoencoder": new AutoencoderWorkload({ model, config, steps: 4 }),
  "a model of layers": ownModel(sequential([dense(5, { activation: "tanh" }), dropout(0.3)])),
};

/** Every row by itself: its gradient, shortened where it is longer than that of the middle row, added up. */
async function oneByOne(learner: Learner): Promise<{ sum: Float64Array; clip: number }> {
  const gradients: Float32Array[] = [];
  for (const [i, row] of ROWS.entries()) {
    const gradient = new Float32Array(learner.length);
    learner.at?.(0, i);
    await learner.gradient(Uint32Array.of(row), gradient);
    gradients.push(gradient.map((value) => BATCH * value));
  }
  const norms = gradients.map((gradient) => Math.hypot(...gradient));
  const clip = [...norms].sort((a, b) => a - b)[ROWS.length >> 1];
  const sum = new Float64Array(learner.length);
  for (const [i, gradient] of gradients.entries()) {
    for (const [j, value] of gradient.entries()) sum[j] += value * Math.min(1, clip / norms[i]);
  }
  return { sum, clip };
}

async function opened(workload: StepWorkload, device: Device): Promise<Learner> {
  const learner = await workload.open(device, dataset);
  learner.restore({ parameters: workload.initialParameters().map((value, i) => value + Math.sin(i) / 9) });
  return learner;
}

describeEveryDevice((device) => {
  it.each(Object.keys(WORKLOADS))("clips the rows of %s, whatever the rows of its program", async (name) => {
    const reference = openReferenceDevice();
    const { sum, clip } = await oneByOne(await opened(WORKLOADS[name], reference));
    for (const capacity of [3, 8]) {
      const learner = await opened(WORKLOADS[name], device());
      learner.at?.(0, 0);
      const out = new Float32Array(learner.length);
      await learner.clippedGradient?.(ROWS, { clip, capacity }, out);
      const most = Math.max(...sum.map(Math.abs));
      for (const [i, value] of out.entries()) expect(Math.abs(value - sum[i])).toBeLessThan(1e-5 * most);
      learner.destroy();
    }
    reference.destroy();
  });
});

describe("what a row's gradient cannot be told of", () => {
  const clip = async (workload: StepWorkload): Promise<unknown> => {
    const learner = await opened(workload, openReferenceDevice());
    return learner.clippedGradient?.(ROWS, { clip: 1, capacity: 4 }, new Float32Array(learner.length));
  };

  test.each([
    ["batchNorm", ownModel(sequential([dense(5), batchNorm()]))],
    ["layerNorm", ownModel(sequential([dense(5), layerNorm()]))],
    ["tied weights", new ModelWorkload({ task: anyTask({ ...config, tied: true }, 6), steps: 4, batch: 8, seed: 0 })],
    [
      "a penalty on mean activations",
      new ModelWorkload({
        task: anyTask({ ...config, sparse: "kl:0.05:3", activation: "sigmoid", codeActivation: "sigmoid" }, 6),
        steps: 4,
        batch: 8,
        seed: 0,
      }),
    ],
  ])("%s is refused", async (_, workload) => {
    await expect(clip(workload)).rejects.toThrow(/^this model cannot be trained privately: /);
  });
});
