/** The defaults of a run. */
import { describe, expect, it } from "vitest";
import type { Split } from "../../../src/data/dataset.js";
import { OPTIMIZERS } from "../../../src/optimizer/optimizer.js";
import { LOSSES } from "../../../src/program/op.js";
import { checkOptions, parseConfig } from "../../../src/training/config/config.js";
import {
  defaultBatch,
  defaultColumns,
  defaultHidden,
  defaultRate,
  withDefaults,
} from "../../../src/training/config/defaults.js";
import { PRESETS, preset } from "../../../src/training/config/presets.js";

const pictures: Split = {
  images: new Uint8Array(600 * 784),
  count: 600,
  features: 784,
  scale: 1 / 255,
  shape: [28, 28],
};

const table = (values: readonly number[], features = 4): Split => ({
  images: Float32Array.from(values),
  count: values.length / features,
  features,
  scale: 1,
});

describe("defaults", () => {
  it("are the network, loss, rate and length for the data, and all of them are recorded", () => {
    expect(withDefaults({}, pictures)).toEqual({
      layers: [784, 1000, 500, 250, 30],
      loss: "bce",
      batch: 2,
      lr: 0.002,
      epochs: 10,
    });
    const prices = table([1, 2000, 3, -4, 5, 6000, 7, 8]);
    expect(withDefaults({ steps: 9 }, prices)).toEqual({
      layers: [4, 256, 128, 3],
      loss: "mse",
      batch: 1,
      lr: 0.002,
      clip: 1,
      steps: 9,
    });
  });

  it("leave what the user says as it is", () => {
    const options = { layers: [784, 9], loss: "mse", batch: 77, lr: 3, clip: 2, epochs: 1 } as const;
    expect(withDefaults(checkOptions({ ...options, layers: [...options.layers] }), pictures)).toEqual(options);
  });

  it("leave presets as they are", () => {
    for (const name of Object.keys(PRESETS)) {
      const options = preset(name);
      expect(withDefaults(options, { ...pictures, count: 60000 })).toEqual(options);
    }
  });

  it("follow the loss: an output that is no probability is measured by its square", () => {
    expect(withDefaults({ outputActivation: "relu" }, pictures)).toMatchObject({ loss: "mse", clip: 1 });
    expect(withDefaults({}, table([0, 0.5, 1, 0.2]))).toMatchObject({ loss: "bce" });
    expect(withDefaults({}, table([0, 0.5, 1.01, 0.2]))).toMatchObject({ loss: "mse" });
  });

  it("have no clipping for a pipeline, which refuses it", () => {
    expect(withDefaults({ loss: "mse" }, pictures, { clip: false })).not.toHaveProperty("clip");
  });

  it("have a code narrower than the row, and layers as wide as rows ask for", () => {
    expect(defaultHidden(784)).toEqual([1000, 500, 250, 30]);
    expect(defaultHidden(64)).toEqual([256, 128, 9]);
    expect(defaultHidden(7)).toEqual([256, 128, 3]);
    expect(defaultHidden(2)).toEqual([256, 128, 1]);
    expect(defaultHidden(1)).toEqual([256, 128, 1]);
    for (let features = 2; features < 3000; features++) expect(defaultHidden(features).at(-1)).toBeLessThan(features);
  });

  it("make some 200 steps of an epoch, of 1 to 128 rows", () => {
    expect([60000, 51200, 25599, 2000, 800, 569, 178, 5].map(defaultBatch)).toEqual([128, 128, 64, 8, 4, 2, 1, 1]);
  });

  it("have at least one row for each part", () => {
    expect(withDefaults({ parts: 40 }, pictures).batch).toBe(40);
  });

  it("have a rate for every loss and optimizer, half as high where it stays", () => {
    for (const loss of LOSSES) {
      for (const optimizer of OPTIMIZERS) {
        const rate = defaultRate({ loss, optimizer });
        expect(rate).toBeGreaterThan(0);
        expect(defaultRate({ loss, optimizer, schedule: "constant" })).toBe(rate / 2);
      }
    }
  });

  it("bring a table to one scale, and leave pictures and fractions as they are", () => {
    const prices = table([1, 2000, 3, -4, 5, 6000, 7, -4]);
    expect(defaultColumns({}, prices)).toEqual({ mean: [3, 4000, 5, -4], deviation: [2, 2000, 2, 1] });
    expect(defaultColumns({ standardise: false }, prices)).toBeUndefined();
    expect(defaultColumns({ loss: "bce" }, prices)).toBeUndefined();
    expect(defaultColumns({}, { ...prices, shape: [2, 2] })).toBeUndefined();
    expect(defaultColumns({}, pictures)).toBeUndefined();
    expect(defaultColumns({ standardise: true }, pictures)?.mean).toHaveLength(784);
    const given = { mean: [1, 1, 1, 1], deviation: [2, 2, 2, 2] };
    expect(defaultColumns({ columns: given }, prices)).toBe(given);
  });

  it("are those that the field has come to, where there is no data to go by", () => {
    expect(parseConfig({})).toMatchObject({ activation: "gelu", loss: "bce", schedule: "cosine", batch: 128 });
  });
});
