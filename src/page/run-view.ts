/** Runs that were recorded, for the page. */
import { basename, join, resolve } from "node:path";
import { openCheckpoint } from "../checkpoint/open.js";
import { DataError } from "../error.js";
import type { TrainingConfig } from "../training/config/config.js";
import { readEvents } from "../training/run-folder/run-folder.js";
import { loadTrainedData } from "../training/trained-on.js";
import { explained } from "../world/disk-error.js";
import { randomToken } from "../world/node/token.js";
import type { World } from "../world/world.js";
import type { Address } from "./address.js";
import { pageAssets } from "./assets.js";
import { PageServer } from "./page-server.js";
import { RunFeed } from "./run-feed.js";
import { RunPictures } from "./run-pictures.js";
import { runTitle } from "./run-title.js";

/**
 * A page of recorded runs. Of a single run it also has pictures, which come later.
 * @param noPictures called when they cannot be made
 * @throws DataError when a folder holds no run
 */
export async function openView(
  world: World,
  folders: readonly string[],
  address: Address,
  noPictures: (error: unknown) => void,
): Promise<PageServer> {
  const runs = await Promise.all(folders.map((folder) => recordedRun(world, folder)));
  const assets = await pageAssets(world);
  const server = await PageServer.open({ world, ...address, token: randomToken(), runs, assets });
  if (folders.length === 1) void addPictures(world, folders[0], runs[0]).catch(noPictures);
  return server;
}

/** @throws DataError when the folder holds no run */
async function recordedRun(world: World, folder: string): Promise<RunFeed> {
  const config = await readConfig(world, folder);
  const events = await readEvents(world, folder);
  if (!events.some((event) => event.event === "start")) {
    throw new DataError(
      `${folder} has no events of a run in metrics.jsonl: give the folder of a run, such as runs/first`,
    );
  }
  const { title, lead } = runTitle(config, config.dataset ?? "data");
  const name = basename(resolve(folder));
  const feed = new RunFeed({ name, title, lead, isLive: false, canFail: false }, world.clock);
  for (const event of events) feed.event(event);
  feed.end();
  return feed;
}

/** Adds the pictures of the newest checkpoint, if there is one and its data can be found. */
async function addPictures(world: World, folder: string, feed: RunFeed): Promise<void> {
  const stored = await openCheckpoint(world, folder, { optimizer: false });
  const dataset = await loadTrainedData(stored, {}, { world });
  await new RunPictures({ world, dataset, folder, show: (pictures) => feed.show(pictures) }).make();
}

async function readConfig({ disk }: World, folder: string): Promise<Partial<TrainingConfig>> {
  const path = join(folder, "config.json");
  const status = await explained("open", path, disk.status(path));
  if (!status)
    throw new DataError(
      `${folder} holds no run: there is no config.json; give the folder of a run, such as runs/first`,
    );
  const text = new TextDecoder().decode(await explained("read", path, disk.read(path)));
  try {
    return JSON.parse(text) as Partial<TrainingConfig>;
  } catch {
    throw new DataError(`${path} is no JSON: the folder of a run has one that is whole`);
  }
}
