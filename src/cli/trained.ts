/** What evaluate, encode and reconstruct share: a checkpoint on a device, and its images. */
import { Command } from "commander";
import { openCheckpoint } from "../checkpoint/open.js";
import type { StoredCheckpoint } from "../checkpoint/read.js";
import type { Dataset } from "../data/dataset.js";
import { ArithmeticError } from "../device/cpu/arithmetic.js";
import type { Device } from "../device/device.js";
import { arithmeticOf, openDevice } from "../device/open.js";
import { configFromCheckpoint } from "../training/run-folder/snapshot.js";
import { TrainedAutoencoder } from "../training/trained.js";
import { loadTrainedData } from "../training/trained-on.js";
import type { World } from "../world/world.js";
import { Downloads, note } from "./display/output.js";
import { addDataOptions, addDeviceOptions, type DataOptions, type DeviceOptions, deviceOf } from "./options.js";

export type TrainedOptions = DataOptions & DeviceOptions;

export function trainedCommand(name: string, description: string): Command {
  const command = new Command(name)
    .description(description)
    .argument("<checkpoint>", "a run's folder (its newest checkpoint), a checkpoint's folder, or a model.safetensors");
  return addDeviceOptions(addDataOptions(command, "default: what the checkpoint was trained on")).optionsGroup(
    "Output:",
  );
}

/** Calls `use` with the autoencoder of the checkpoint and the data set, and frees everything afterwards. */
export async function withTrained(
  world: World,
  checkpoint: string,
  options: TrainedOptions,
  use: (trained: TrainedAutoencoder, dataset: Dataset, device: string) => Promise<void>,
): Promise<void> {
  await withStored(world, checkpoint, options, (stored, dataset, device) =>
    use(TrainedAutoencoder.restore(device, stored), dataset, device.info.name),
  );
}

/** The same with the checkpoint itself, of whatever network. */
export async function withStored(
  world: World,
  checkpoint: string,
  options: TrainedOptions,
  use: (stored: StoredCheckpoint, dataset: Dataset, device: Device) => Promise<void>,
): Promise<void> {
  const stored = await openCheckpoint(world, checkpoint, { optimizer: false });
  for (const problem of stored.skipped) note(`warning: ${problem}`);
  const dataset = await loadData(world, options, stored);
  const device = await openAsTrained(stored, options);
  try {
    await use(stored, dataset, device);
  } finally {
    device.destroy();
  }
}

/** A device with the arithmetic of the training, if the chosen device has it. */
export async function openAsTrained(checkpoint: StoredCheckpoint, options: DeviceOptions): Promise<Device> {
  const { arithmetic } = configFromCheckpoint(checkpoint);
  try {
    return await openDevice({ ...deviceOf(options), arithmetic });
  } catch (error) {
    if (!(error instanceof ArithmeticError)) throw error;
    const device = await openDevice(deviceOf(options));
    note(
      `note: trained with arithmetic ${arithmetic}, and ${device.info.name} has ${arithmeticOf(device.info)}: last digits may differ`,
    );
    return device;
  }
}

/** The data that `options` name, or the training data of the checkpoint. */
export async function loadData(world: World, options: DataOptions, checkpoint: StoredCheckpoint): Promise<Dataset> {
  const downloads = new Downloads(process.stderr);
  try {
    return await loadTrainedData(checkpoint, options, { world, data: options.data, onProgress: downloads.observe });
  } finally {
    downloads.close();
  }
}

/** `--split train|test` */
export function chosenSplit(dataset: Dataset, { split }: { readonly split: "train" | "test" }) {
  return split === "train" ? dataset.train : dataset.test;
}
