/**
 * The folder of a run: config.json, metrics.jsonl and checkpoints/. A folder holds one run: it is begun once, and after
 * that only resumed, so that no run is ever overwritten.
 */
import { join } from "node:path";
import { CHECKPOINTS_FOLDER } from "../checkpoint/open.js";
import { UsageError } from "../error.js";
import { errorCode, explainDiskError, explained } from "../world/disk-error.js";
import type { World } from "../world/world.js";
import { writeWhole } from "../world/write-whole.js";
import type { RunEvent } from "./event.js";

/** Whether it is the name of a file of figures for TensorBoard. */
export const isEventFile = (name: string): boolean => name.startsWith("events.out.tfevents.");

export class RunFolder {
  readonly #world: World;
  #path: string;
  #unlock: () => Promise<void>;
  /** Settles when every line recorded so far has been written, or tried. */
  #pending: Promise<void> = Promise.resolve();
  /** Why the first line that was lost since the last flush was. */
  #failure: unknown;

  private constructor(world: World, path: string, unlock: () => Promise<void>) {
    this.#world = world;
    this.#path = path;
    this.#unlock = unlock;
  }

  get path(): string {
    return this.#path;
  }

  get checkpoints(): string {
    return join(this.path, CHECKPOINTS_FOLDER);
  }

  /** @throws UsageError when the folder already holds a run, or anything else, or another process writes to it */
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

  /** Opens a run to go on after `step`: what its metrics tell of later steps is forgotten, for it will happen again. */
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

  /** Copies what it holds beside checkpoints to another folder, and is that from now on. Throws as `begin`. */
  async moveTo(path: string): Promise<void> {
    const there = await RunFolder.begin(this.#world, path);
    const { disk } = this.#world;
    await this.#pending;
    for (const name of ["config.json", "metrics.jsonl"]) {
      const from = this.#file(name);
      if (await disk.status(from)) await writeWhole(disk, there.#file(name), await disk.read(from));
    }
    await this.close();
    this.#path = path;
    this.#unlock = there.#unlock;
  }

  writeConfig(config: Readonly<Record<string, unknown>>): Promise<void> {
    return this.#replace("config.json", `${JSON.stringify(config, null, 2)}\n`);
  }

  writeReport(html: string): Promise<void> {
    return this.#replace("report.html", html);
  }

  /** Adds a line to metrics.jsonl; lines keep the order of the calls. `flush` tells whether all arrived. */
  record(event: RunEvent): void {
    const line = `${JSON.stringify(event)}\n`;
    this.#pending = this.#pending
      .then(() => this.#world.disk.append(this.#file("metrics.jsonl"), line))
      .catch((error: unknown) => {
        this.#failure ??= error;
      });
  }

  /** @throws DawnpourError when a line was lost since the last flush; those after it were tried all the same */
  async flush(): Promise<void> {
    await this.#pending;
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw explainDiskError(failure, this.#file("metrics.jsonl"), "write");
  }

  /** Removes what a run that came to nothing has written, and the folder itself if that leaves it empty. */
  async discard(): Promise<void> {
    const { disk } = this.#world;
    await this.close();
    const figures = (await disk.list(this.path)).filter(isEventFile);
    for (const name of ["metrics.jsonl", ...figures, CHECKPOINTS_FOLDER, "config.json"]) {
      await disk.remove(this.#file(name));
    }
    if ((await disk.list(this.path)).length === 0) await disk.remove(this.path);
  }

  /** Everything that metrics.jsonl tells so far. Lines that a failing disk cut off are left out. */
  async events(): Promise<RunEvent[]> {
    const path = this.#file("metrics.jsonl");
    if (!(await this.#world.disk.status(path))) return [];
    const text = new TextDecoder().decode(await this.#world.disk.read(path));
    return text.split("\n").flatMap(parseLine);
  }

  #file(name: string): string {
    return join(this.path, name);
  }

  #replace(name: string, text: string): Promise<void> {
    return writeWhole(this.#world.disk, this.#file(name), text);
  }
}

/** Hidden: it is no part of what a run leaves. */
const LOCK = ".lock";

async function lock({ disk }: World, path: string): Promise<() => Promise<void>> {
  const file = join(path, LOCK);
  try {
    return await disk.lock(file);
  } catch (error) {
    if (errorCode(error) !== "ELOCKED") throw explainDiskError(error, path, "lock");
    const [, holder = "another process"] = /^ELOCKED: (.*?) holds it/.exec((error as Error).message) ?? [];
    throw new UsageError(
      `${path} is being written by another run (${holder}): wait for its end, or give another --out; if it is no more, remove ${file}`,
    );
  }
}

/** A run would write over a report that it finds, and remove checkpoints. What a run left that ended before its first line is no obstacle. */
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
    `${path} holds what is no run (${held}): give a new or an empty folder with --out, so that nothing is lost`,
  );
}

function parseLine(line: string): RunEvent[] {
  try {
    return [JSON.parse(line) as RunEvent];
  } catch {
    return [];
  }
}
