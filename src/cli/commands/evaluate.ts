/** `dawnpour evaluate`: the errors of a checkpoint: of reconstructions, of classes, or what a model's loss is. */
import type { Command } from "commander";
import type { StoredCheckpoint } from "../../checkpoint/read.js";
import type { Dataset } from "../../data/dataset.js";
import type { Device } from "../../device/device.js";
import { measureModel } from "../../training/model-measures.js";
import { configFromCheckpoint } from "../../training/run-folder/snapshot.js";
import { isAutoencoder } from "../../training/task/task.js";
import { TrainedAutoencoder } from "../../training/trained.js";
import { TrainedModel } from "../../training/trained-model.js";
import type { World } from "../../world/world.js";
import { figuresText } from "../display/figures-text.js";
import { print, printJson } from "../display/output.js";
import { type TrainedOptions, trainedCommand, withStored } from "../trained.js";

export function evaluateCommand(world: World): Command {
  return trainedCommand("evaluate", "measure a checkpoint on a data set")
    .option("--json", "print one JSON line")
    .action((checkpoint: string, options: TrainedOptions & { json?: boolean }) =>
      withStored(world, checkpoint, options, async (stored, dataset, device) => {
        const { name, train, test, lineOf } = await measured(stored, dataset, device);
        if (options.json) {
          printJson({ checkpoint, device: device.info.name, dataset: dataset.name, step: stored.step, train, test });
          return;
        }
        print(`${name} at step ${stored.step}, on ${dataset.source}`);
        for (const [split, line] of Object.entries(lineOf)) print(`${split.padEnd(6)} ${line}`);
      }),
    );
}

async function measured(stored: StoredCheckpoint, dataset: Dataset, device: Device) {
  if (isAutoencoder(configFromCheckpoint(stored))) {
    const trained = TrainedAutoencoder.restore(device, stored);
    const [train, test] = [await trained.evaluate(dataset.train), await trained.evaluate(dataset.test)];
    const line = ({ sse, mse }: typeof test): string => `SSE ${sse.toFixed(4)}   MSE ${mse.toFixed(6)}`;
    return { name: trained.model.name, train, test, lineOf: { train: line(train), test: line(test) } };
  }
  using trained = await TrainedModel.restore(device, stored);
  const { train, test } = await measureModel(trained, dataset);
  return { name: trained.name, train, test, lineOf: { train: figuresText(train), test: figuresText(test) } };
}
