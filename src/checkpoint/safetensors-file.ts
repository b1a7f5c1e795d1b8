/** Reads and writes safetensors files that belong to no checkpoint. */
import { explained } from "../world/disk-error.js";
import { nodeWorld } from "../world/node/world.js";
import type { World } from "../world/world.js";
import { writeWhole } from "../world/write-whole.js";
import { decodeSafetensors, encodeSafetensors, type Safetensors } from "./safetensors.js";
import type { NamedTensor } from "./tensor.js";

/**
 * Reads a safetensors file of any program.
 * @throws DataError unless it is a valid safetensors file
 */
export async function readSafetensors(path: string, { disk }: Pick<World, "disk"> = nodeWorld()): Promise<Safetensors> {
  return decodeSafetensors(await explained("read", path, disk.read(path)), path);
}

/**
 * Writes the whole file, or nothing.
 * @example
 * ```ts
 * import { interchange } from "dawnpour";
 *
 * const tensor = { name: "bias", dtype: "F32", shape: [3], data: Float32Array.of(1, 2, 3) } as const;
 * await interchange.writeSafetensors("bias.safetensors", [tensor]);
 * const { tensors } = await interchange.readSafetensors("bias.safetensors");
 * console.log(tensors.get("bias")?.shape.join()); // 3
 * ```
 */
export async function writeSafetensors(
  path: string,
  tensors: readonly NamedTensor[],
  metadata: Readonly<Record<string, string>> = {},
  { disk }: Pick<World, "disk"> = nodeWorld(),
): Promise<void> {
  await writeWhole(disk, path, Buffer.concat(encodeSafetensors(tensors, metadata)));
}
