/** `dawnpour encode`: the codes of images, as an NPY file. */
import type { Command } from "commander";
import { wordsFor } from "../../data/describe.js";
import { encodeNpy } from "../../data/formats/npy.js";
import type { World } from "../../world/world.js";
import { writeWhole } from "../../world/write-whole.js";
import { checkOutput } from "../check-output.js";
import { print } from "../display/output.js";
import { choice } from "../options.js";
import { chosenSplit, type TrainedOptions, trainedCommand, withTrained } from "../trained.js";

interface EncodeOptions extends TrainedOptions {
  readonly output: string;
  readonly split: "train" | "test";
}

export function encodeCommand(world: World): Command {
  return trainedCommand("encode", "write the codes of rows, [n, code size] float32, to an NPY file")
    .requiredOption("-o, --output <file>", "the NPY file to write")
    .addOption(choice("--split <name>", "which rows", ["train", "test"]).default("test", "test"))
    .action(async (checkpoint: string, options: EncodeOptions) => {
      await checkOutput(world, options.output);
      await withTrained(world, checkpoint, options, async (trained, dataset) => {
        const split = chosenSplit(dataset, options);
        const codes = await trained.encode(split);
        const shape = [split.count, trained.model.codeSize];
        await writeWhole(world.disk, options.output, encodeNpy(codes, shape));
        print(
          `${options.output}: codes [${shape.join(", ")}] of the ${options.split} ${wordsFor(split).rows} of ${dataset.name}`,
        );
      });
    });
}
