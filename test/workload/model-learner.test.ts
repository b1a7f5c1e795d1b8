/** The noise of a learner in the steps of one part. */
import { expect, test } from "vitest";
import { openReferenceDevice } from "../../src/device/reference/reference-device.js";
import { anyTask } from "../../src/training/task/task.js";
import { ModelWorkload } from "../../src/workload/model.js";
import { BATCH, config, dataset } from "../simulation/small-training.js";

test("an update leads to the next step: the next gradient has the noise of that step", async () => {
  const task = anyTask({ ...config, denoise: "gaussian:0.3" }, dataset.train.features);
  const workload = new ModelWorkload({ task, steps: 4, batch: BATCH, seed: 0 });
  const device = openReferenceDevice();
  const learner = await workload.open(device, dataset);
  const parameters = workload.initialParameters();
  const rows = Uint32Array.from({ length: BATCH }, (_, i) => i);
  const gradient = async (): Promise<Float32Array> => {
    const out = new Float32Array(learner.length);
    learner.restore({ parameters });
    await learner.gradient(rows, out);
    return out;
  };
  learner.at(0, 0);
  const first = await gradient();
  await learner.update(first, 0);
  const second = await gradient();
  learner.at(1, 0);
  expect(second).not.toEqual(first);
  expect(second).toEqual(await gradient());
  device.destroy();
});
