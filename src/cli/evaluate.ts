/** `dawnpour evaluate`: the reconstruction errors of a checkpoint. */
import type { Command } from "commander";
import type { World } from "../world/world.js";
import { print, printJson } from "./display/output.js";
import { type TrainedOptions, trainedCommand, withTrained } from "./trained.js";

export function evaluateCommand(world: World): Command {
  return trainedCommand("evaluate", "measure a checkpoint on a data set")
    .option("--json", "print one JSON line")
    .action((checkpoint: string, options: TrainedOptions & { json?: boolean }) =>
      withTrained(world, checkpoint, options, async (trained, dataset, device) => {
        const train = await trained.evaluate(dataset.train);
        const test = await trained.evaluate(dataset.test);
        if (options.json) {
          printJson({ checkpoint, device, dataset: dataset.name, step: trained.step, train, test });
          return;
        }
        print(`${trained.model.name} at step ${trained.step}, on ${dataset.source}`);
        for (const [name, { sse, mse }] of Object.entries({ train, test })) {
          print(`${name.padEnd(6)} SSE ${sse.toFixed(4)}   MSE ${mse.toFixed(6)}`);
        }
      }),
    );
}
