/**
 * The folder of a run: config.json, metrics.jsonl and checkpoints/. A folder holds one run, which begins once and is
 * only resumed later, so that no run is overwritten.
 */
import { join } from "node:path";
import { CHECKPOINTS_FOLDER } from "../../checkpoint/open.js";
import { UsageError } from "../../error.js";
import { errorCode, explainDiskError, explained } from "../../world/disk-error.js";
import type { World } from "../../world/world.js";
import { writeWhole } from "../../world/write-whole.js";
import type { RunEvent } from "../event.js";

/** The file with the key of a private run. */
export const KEY_FILE = "private.key";

/** Whether the name is that of a TensorBoard event file. */
export const isEventFile = (name: string): boolean => name.startsWith("events.out.tfevents.");

/** The folder of a run, and the files in it. */
export class RunFolder {
  readonly #world: World;
  #path: string;
  #unlock: () => Promise<void>;
  /** Settles when every line so far is written, or has failed. */
  #pending: Promise<void> = Promise.resolve();
  /** The first write error since the last flush. */
  #failure: unknown;

  private constructor(world: World, path: string, unlock: () => Promise<void>) {
    this.#world = world;
    this.#path = path;
    this.#unlock = unlock;
  }

  /** Where it lies. */
  get path(): string {
    return this.#path;
  }

  /** The folder of its checkpoints. */
  get checkpoints(): string {
    return join(this.path, CHECKPOINTS_FOLDER);
  }

  /** Checks the folder before anything is written. @throws as `begin` does for files that are already there */
  static async check(world: World, path: string): Promise<void> {
    const status = await explained("look for", path, world.disk.status(path));
    if (status?.kind === "file") throw new UsageError(`${path} is a file: give a folder for the run with --out`);
    if (status) await checkEmpty(world, path);
  }

  /**
   * The folder of a new run.
   * @throws UsageError when the folder holds a run or other files, or another process writes to it
   */
  static async begin(world: World, path: string): Promise<RunFolder> {
    await explained("make the folder", path, world.disk.makeFolder(path));
    const folder = new RunFolder(world, path, await lock(world, path));
    try {
      await checkEmpty(world, path);
      await explained("make the folder", folder.checkpoints, world.disk.makeFolder(folder.checkpoints));
    } catch (error) {
      await folder.close();
      throw error;
    }
    return folder;
  }

  /** Opens a run to go on after `step`: metrics of later steps are removed, because those steps are done again. */
  static async resume(world: World, path: string, step: number): Promise<RunFolder> {
    const folder = new RunFolder(world, path, await lock(world, path));
    try {
      const kept = (await folder.events()).filter((event) => event.step <= step);
      await folder.#replace("metrics.jsonl", kept.map((event) => `${JSON.stringify(event)}\n`).join(""));
    } catch (error) {
      await folder.close();
      throw error;
    }
    return folder;
  }

  /** Lets other processes write to the folder. */
  close(): Promise<void> {
    return this.#unlock();
  }

  /** Copies everything but checkpoints to another folder and uses that from now on. Throws as `begin`. */
  async moveTo(path: string): Promise<void> {
    const there = await RunFolder.begin(this.#world, path);
    const { disk } = this.#world;
    await this.#pending;
    for (const name of ["config.json", "metrics.jsonl"]) {
      const from = this.#file(name);
      if (await disk.status(from)) await writeWhole(disk, there.#file(name), await disk.read(from));
    }
    const key = this.#file(KEY_FILE);
    if (await disk.status(key)) await disk.writeSecret(there.#file(KEY_FILE), await disk.read(key));
    await this.close();
    this.#path = path;
    this.#unlock = there.#unlock;
  }

  /** Writes config.json: the options that train the same again. */
  writeConfig(config: Readonly<Record<string, unknown>>): Promise<void> {
    return this.#replace("config.json", `${JSON.stringify(config, null, 2)}\n`);
  }

  /** Writes report.html. */
  writeReport(html: string): Promise<void> {
    return this.#replace("report.html", html);
  }

  /** Adds a line to metrics.jsonl; lines keep the order of the calls. `flush` reports errors. */
  record(event: RunEvent): void {
    const line = `${JSON.stringify(event)}\n`;
    this.#pending = this.#pending
      .then(() => this.#world.disk.append(this.#file("metrics.jsonl"), line))
      .catch((error: unknown) => {
        this.#failure ??= error;
      });
  }

  /**
   * Waits until all lines are on the disk.
   * @throws DawnpourError when a line was lost since the last flush; later lines were tried all the same
   */
  async flush(): Promise<void> {
    await this.#pending;
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw explainDiskError(failure, this.#file("metrics.jsonl"), "write");
  }

  /** Removes the files of a run that failed early, and the folder itself if that leaves it empty. */
  async discard(): Promise<void> {
    const { disk } = this.#world;
    await this.close();
    const figures = (await disk.list(this.path)).filter(isEventFile);
    for (const name of ["metrics.jsonl", ...figures, CHECKPOINTS_FOLDER, KEY_FILE, "config.json"]) {
      await disk.remove(this.#file(name));
    }
    if ((await disk.list(this.path)).length === 0) await disk.remove(this.path);
  }

  /** All events in metrics.jsonl. Lines that a failing disk cut off are left out. */
  async events(): Promise<RunEvent[]> {
    return readEvents(this.#world, this.path);
  }

  #file(name: string): string {
    return join(this.path, name);
  }

  #replace(name: string, text: string): Promise<void> {
    return writeWhole(this.#world.disk, this.#file(name), text);
  }
}

/** All events in the metrics.jsonl of a run's folder; none where there is no such file. */
export async function readEvents({ disk }: Pick<World, "disk">, folder: string): Promise<RunEvent[]> {
  const path = join(folder, "metrics.jsonl");
  if (!(await disk.status(path))) return [];
  const text = new TextDecoder().decode(await disk.read(path));
  return text.split("\n").flatMap(parseLine);
}

/** Hidden: the lock is no result of the run. */
const LOCK = ".lock";

async function lock({ disk }: World, path: string): Promise<() => Promise<void>> {
  const file = join(path, LOCK);
  try {
    return await disk.lock(file);
  } catch (error) {
    if (errorCode(error) !== "ELOCKED") throw explainDiskError(error, path, "lock");
    const [, holder = "another process"] = /^ELOCKED: (.*?) holds it/.exec((error as Error).message) ?? [];
    throw new UsageError(
      `${path} is being written by another run (${holder}): wait until it ends, or give another --out; if it has ended, remove ${file}`,
    );
  }
}

/**
 * Refuses a folder with other content: a run would overwrite its report and remove its checkpoints. The files of a run
 * that ended before its first line are no obstacle.
 */
async function checkEmpty({ disk }: World, path: string): Promise<void> {
  const names = (await explained("list", path, disk.list(path))).filter((name) => !name.startsWith("."));
  if (names.includes("config.json")) {
    throw new UsageError(`${path} already holds a run: add --resume to go on with it, or give another --out`);
  }
  const others = names.filter((name) => name !== CHECKPOINTS_FOLDER && name !== "config.json.part");
  const checkpoints = names.includes(CHECKPOINTS_FOLDER) ? await disk.list(join(path, CHECKPOINTS_FOLDER)) : [];
  if (others.length + checkpoints.length === 0) return;
  const held = others.length > 0 ? others.slice(0, 3).join(", ") : `${CHECKPOINTS_FOLDER}/${checkpoints[0]}`;
  throw new UsageError(
    `${path} holds other files than a run (${held}): give a new or an empty folder with --out, so that nothing is lost`,
  );
}

function parseLine(line: string): RunEvent[] {
  try {
    return [JSON.parse(line) as RunEvent];
  } catch {
    return [];
  }
}
