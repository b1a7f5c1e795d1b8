/** Reads the tensors of a model from a safetensors file of any program, or from a checkpoint. */
import { explained } from "../world/disk-error.js";
import type { World } from "../world/world.js";
import { openCheckpoint } from "./open.js";
import { readSafetensors } from "./safetensors-file.js";
import type { NamedTensor } from "./tensor.js";

/**
 * @param path a file, the folder of a run (for its newest checkpoint), or the folder of a checkpoint
 * @throws DataError when there is none, or it is damaged
 */
export async function readWeights(world: World, path: string): Promise<readonly NamedTensor[]> {
  const status = await explained("read", path, world.disk.status(path));
  if (status?.kind !== "file") return (await openCheckpoint(world, path, { optimizer: false })).parameters;
  const { tensors } = await readSafetensors(path, world);
  return [...tensors].map(([name, tensor]) => ({ name, ...tensor }));
}
