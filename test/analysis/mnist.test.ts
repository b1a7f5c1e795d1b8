import { expect, it } from "vitest";
import { computePca, pcaError } from "../../src/analysis/pca.js";
import { loadDataset } from "../../src/data/load.js";
import { openCpuDevice } from "../../src/device/cpu/cpu-device.js";
import { nodeWorld } from "../../src/world/node/world.js";
import { describeWithMnist } from "../support/mnist.js";

describeWithMnist("PCA of MNIST, fitted on its training images", (folder) => {
  // `training/mnist.test.ts` has 30 components.
  it("with 32 components leaves a test SSE of 13.193", { timeout: 60_000 }, async () => {
    const { train, test } = await loadDataset(folder, { world: nodeWorld() });
    const device = openCpuDevice();
    try {
      const pca = await computePca(device, train, 32);
      expect((await pcaError(device, pca, test)).sse).toBeCloseTo(13.193, 3);
      const meanOnly = { ...pca, components: { ...pca.components, values: pca.components.values.map(() => 0) } };
      expect((await pcaError(device, meanOnly, test)).sse).toBeCloseTo(52.897, 3);
    } finally {
      device.destroy();
    }
  });
});
