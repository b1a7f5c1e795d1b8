/**
 * The model file of a checkpoint describes itself, so that a copy of it can be used without the rest. Its metadata
 * holds, as text, the parts of the manifest that this needs.
 */
import { DataError } from "../error.js";
import type { World } from "../world/world.js";
import type { Checkpoint } from "./checkpoint.js";
import { ModelDescription } from "./manifest.js";
import type { StoredCheckpoint } from "./read.js";
import { readSafetensors } from "./safetensors-file.js";

const FORMAT = "dawnpour";

export function modelMetadata({ step, epoch, seeds, architecture, configuration, data }: Checkpoint) {
  const checkpoint = JSON.stringify({ step, epoch, seeds, architecture, configuration, data });
  return { format: FORMAT, architecture, checkpoint };
}

/** @throws DataError unless it is a model file of a checkpoint */
export async function readModel(world: Pick<World, "disk">, path: string): Promise<StoredCheckpoint> {
  const { tensors, metadata } = await readSafetensors(path, world);
  const described = metadata.format === FORMAT ? ModelDescription.safeParse(parsed(metadata.checkpoint)) : undefined;
  if (!described?.success) {
    throw new DataError(
      `"${path}" holds ${tensors.size} tensors without a description of their network: train from them with --weights and --layers`,
    );
  }
  return {
    ...described.data,
    parameters: [...tensors].map(([name, tensor]) => ({ name, ...tensor })),
    optimizer: [],
    path,
    skipped: [],
  };
}

function parsed(json: string | undefined): unknown {
  try {
    return JSON.parse(json ?? "");
  } catch {
    return undefined;
  }
}
