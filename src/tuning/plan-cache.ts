/**
 * The fastest tiles on disk: one JSON file for each device and driver, in the user's cache. Every entry names the set
 * of kernels that it was raced in. In another set its tile may not be the fastest, but is the one to beat.
 *
 * A cache that cannot be read, is damaged or cannot be written costs a warning and new measurements, never a run.
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import type { DeviceInfo } from "../device/device.js";
import { DataError } from "../error.js";
import { errorCode, explained } from "../world/disk-error.js";
import type { Disk } from "../world/world.js";
import { writeWhole } from "../world/write-whole.js";

const FORMAT = 1;

const Content = z.strictObject({
  format: z.literal(FORMAT),
  device: z.string(),
  driver: z.string(),
  /** By `gemmKey`: the name of a tile, and the set of kernels. */
  gemms: z.record(z.string(), z.strictObject({ tile: z.string(), kernels: z.string() })),
});
type Entries = z.infer<typeof Content>["gemms"];

export interface PlanCacheOptions {
  readonly disk: Disk;
  readonly folder: string;
  readonly device: DeviceInfo;
  /** The present set of kernels. */
  readonly kernels: string;
  readonly warn: (message: string) => void;
}

export class PlanCache {
  readonly #options: PlanCacheOptions;
  readonly #path: string;
  readonly #entries: Map<string, Entries[string]>;

  static async open(options: PlanCacheOptions): Promise<PlanCache> {
    const path = join(options.folder, fileName(options.device));
    try {
      return new PlanCache(options, path, await readEntries(options, path));
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      options.warn(`${error.message}: it is ignored`);
      return new PlanCache(options, path, {});
    }
  }

  private constructor(options: PlanCacheOptions, path: string, entries: Entries) {
    this.#options = options;
    this.#path = path;
    this.#entries = new Map(Object.entries(entries));
  }

  /** The tile that won, in whatever set of kernels. */
  holder(key: string): string | undefined {
    return this.#entries.get(key)?.tile;
  }

  /** Winners in the present set: tiles by key. */
  get current(): ReadonlyMap<string, string> {
    const current = [...this.#entries].filter(([key]) => this.isCurrent(key));
    return new Map(current.map(([key, { tile }]) => [key, tile]));
  }

  /** Whether the tile won in the present set. */
  isCurrent(key: string): boolean {
    return this.#entries.get(key)?.kernels === this.#options.kernels;
  }

  set(key: string, tile: string): void {
    this.#entries.set(key, { tile, kernels: this.#options.kernels });
  }

  async save(): Promise<void> {
    const { disk, folder, device, warn } = this.#options;
    const gemms = Object.fromEntries([...this.#entries].sort(([a], [b]) => (a < b ? -1 : 1)));
    const content = { format: FORMAT, device: device.id, driver: device.driver, gemms };
    try {
      await explained("make the folder", folder, disk.makeFolder(folder));
      await writeWhole(disk, this.#path, `${JSON.stringify(content, null, 2)}\n`);
    } catch (error) {
      warn(`the result of tuning is not stored: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

/** `nvidia-h200-0123456789ab.json`: the name for people, a digest of device and driver to make it unique. */
function fileName({ name, id, driver }: DeviceInfo): string {
  const digest = createHash("sha256")
    .update(JSON.stringify([id, driver]))
    .digest("hex");
  const words = name.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  return `${words.slice(0, 40)}-${digest.slice(0, 12)}.json`;
}

/** @throws DataError when the file cannot be read or is not what it should be */
async function readEntries({ disk, device }: PlanCacheOptions, path: string): Promise<Entries> {
  let text: string;
  try {
    text = new TextDecoder().decode(await disk.read(path));
  } catch (error) {
    if (errorCode(error) === "ENOENT") return {};
    throw new DataError(`cannot read the tuning cache "${path}" (${errorCode(error)})`, { cause: error });
  }
  const content = Content.safeParse(parse(text));
  if (!content.success) throw new DataError(`the tuning cache "${path}" is damaged`);
  if (content.data.device !== device.id || content.data.driver !== device.driver) {
    throw new DataError(`the tuning cache "${path}" is of another device or driver`);
  }
  return content.data.gemms;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
