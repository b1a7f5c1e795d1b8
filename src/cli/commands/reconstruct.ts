/** `dawnpour reconstruct`: a picture of images above their reconstructions. */
import type { Command } from "commander";
import { sliceSplit } from "../../data/dataset.js";
import { UsageError } from "../../error.js";
import { comparisonPng } from "../../report/pictures.js";
import type { World } from "../../world/world.js";
import { writeWhole } from "../../world/write-whole.js";
import { checkOutput } from "../check-output.js";
import { print } from "../display/output.js";
import { whole } from "../options.js";
import { type TrainedOptions, trainedCommand, withTrained } from "../trained.js";

interface ReconstructOptions extends TrainedOptions {
  readonly output: string;
  readonly count: number;
}

export function reconstructCommand(world: World): Command {
  return trainedCommand("reconstruct", "draw test images above their reconstructions, as a PNG file")
    .requiredOption("-o, --output <file>", "the PNG file to write")
    .option("--count <n>", "how many images", whole, 20)
    .action(async (checkpoint: string, options: ReconstructOptions) => {
      if (options.count < 1) throw new UsageError(`--count must be a whole number from 1, got ${options.count}`);
      await checkOutput(world, options.output);
      return withTrained(world, checkpoint, options, async (trained, dataset) => {
        const { test } = dataset;
        if (!test.shape) {
          throw new UsageError(
            `${dataset.name} holds rows, not pictures, and cannot be drawn: if they are pictures, say of what size with --shape, as in 28x28`,
          );
        }
        const shown = sliceSplit(test, 0, Math.min(options.count, test.count));
        const reconstructions = await trained.reconstruct(shown);
        const originals = Float32Array.from(shown.images, (value) => value * shown.scale);
        await writeWhole(
          world.disk,
          options.output,
          comparisonPng({ ...test, shape: test.shape }, [originals, reconstructions]),
        );
        print(`${options.output}: ${shown.count} test images of ${dataset.name} above their reconstructions`);
      });
    });
}
