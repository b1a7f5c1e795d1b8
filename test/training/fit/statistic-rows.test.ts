/** The batch of a model with batch normalisation: each part has rows enough for statistics. */
import { expect, it } from "vitest";
import { digitsDataset } from "../../../src/data/digits/dataset.js";
import { batchNorm, dense, sequential } from "../../../src/model/layers/layers.js";
import { crossEntropy } from "../../../src/model/losses/losses.js";
import type { TrainingOptions } from "../../../src/training/config/config.js";
import { planNew } from "../../../src/training/plan.js";

const DATASET = digitsDataset({ count: 300 });
const planned = (options: TrainingOptions, isNormal = true, dataset = DATASET) =>
  planNew({ model: "./deep.js", ...options }, dataset, undefined, undefined, (_, { classes = 0 }) => {
    const hidden = isNormal ? [dense(8), batchNorm()] : [dense(8)];
    return { model: sequential([...hidden, dense(classes)]), loss: crossEntropy(), target: "labels" };
  });

it.each([
  [{}, 32],
  [{ parts: 4 }, 128],
  [{ parts: 8 }, 256],
  [{ parts: 16 }, 300],
  [{ batch: 8 }, 8],
  [{ parts: 4, batch: 8 }, 8],
])("with %j it is %d of 300 rows", (options, batch) => {
  const { config, steps } = planned(options);
  expect(config.batch).toBe(batch);
  expect(steps).toBe(Math.ceil(((config.epochs ?? 0) * 300) / batch));
});

it("stays as it is for a model without it", () => {
  expect(planned({}, false).config.batch).toBe(1);
  expect(planned({ parts: 4 }, false).config.batch).toBe(4);
});

it.each([
  [{ batch: 1 }, /a batch of 1 leaves one row: give a batch of 2 or more, 32 is usual$/],
  [{ batch: 7, parts: 4 }, /batch of 7 in 4 parts leaves one row: give a batch of 8 or more, 128 is usual$/],
  [{ parts: 200 }, /batch of 300 in 200 parts leaves one row/],
])("with %j it is refused", (options, message) => {
  expect(() => planned(options)).toThrow(message);
});
