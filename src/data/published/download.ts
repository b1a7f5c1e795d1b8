/**
 * Downloads the files of a published data set to a folder. A file appears there whole and verified, or not at all: it
 * is written under another name, its SHA-256 is checked, then it is renamed. If a mirror fails or sends other bytes,
 * the next mirror is tried.
 */
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { Callbacks } from "../../callbacks.js";
import { DataError, DawnpourError } from "../../error.js";
import { explained } from "../../world/disk-error.js";
import type { World } from "../../world/world.js";
import type { PublishedDataset, PublishedFile } from "./published-dataset.js";
import type { FileSet } from "./resolve.js";

/** Called as bytes arrive. `total` is undefined while the size is unknown. */
export type Progress = (received: number, total: number | undefined, file: string) => unknown;

/**
 * Downloads the files that `folder` lacks, and returns where they are.
 * @throws DataError when no mirror delivers a file
 * @throws DawnpourError when the folder cannot be written
 */
export async function downloadDataset(
  world: World,
  dataset: PublishedDataset,
  folder: string,
  onProgress?: Progress,
): Promise<FileSet> {
  const callbacks = new Callbacks();
  const progress = callbacks.guarded(onProgress);
  const fetched = async (file: PublishedFile): Promise<string> => {
    const target = join(folder, `${file.name}.gz`);
    if (!(await world.disk.status(target))) {
      await fetchFromMirrors(world, dataset, file, target, progress);
      await callbacks.settled();
    }
    return target;
  };
  const files = {
    folder,
    trainImages: await fetched(dataset.trainImages),
    trainLabels: await fetched(dataset.trainLabels),
    testImages: await fetched(dataset.testImages),
    testLabels: await fetched(dataset.testLabels),
    genuine: true,
  };
  await explained("write", folder, world.disk.syncFolder(folder));
  return files;
}

async function fetchFromMirrors(
  world: World,
  dataset: PublishedDataset,
  file: PublishedFile,
  target: string,
  onProgress: Progress,
): Promise<void> {
  const failures: string[] = [];
  for (const mirror of dataset.mirrors) {
    const url = `${mirror}/${file.name}.gz`;
    try {
      await fetchVerified(world, url, file, target, onProgress);
      return;
    } catch (error) {
      if (!(error instanceof DawnpourError)) {
        throw error;
      }
      failures.push(error.message);
    }
  }
  throw new DataError(failures.length === 1 ? failures[0] : `${failures[0]}; ${failures.length} mirrors were tried`);
}

async function fetchVerified(
  world: World,
  url: string,
  file: PublishedFile,
  target: string,
  onProgress: Progress,
): Promise<void> {
  const { chunks } = await world.network.download(url);
  const folder = dirname(target);
  await explained("make the folder", folder, world.disk.makeFolder(folder));
  const partial = `${target}.${process.pid}.part`;
  try {
    await explained("write", target, world.disk.write(partial, verified(chunks, url, file, onProgress)));
    await explained("write", target, world.disk.rename(partial, target));
  } catch (error) {
    await explained("remove", partial, world.disk.remove(partial));
    throw error;
  }
}

/** Passes `chunks` on; throws, at the latest at their end, unless they are the file. */
async function* verified(
  chunks: AsyncIterable<Uint8Array>,
  url: string,
  file: PublishedFile,
  onProgress: Progress,
): AsyncGenerator<Uint8Array> {
  const digest = createHash("sha256");
  let received = 0;
  for await (const chunk of chunks) {
    received += chunk.length;
    if (received > file.bytes) {
      throw new DataError(`${url}: sent more than the ${file.bytes} bytes of the file`);
    }
    digest.update(chunk);
    onProgress(received, file.bytes, `${file.name}.gz`);
    yield chunk;
  }
  const sha256 = digest.digest("hex");
  if (sha256 !== file.sha256) {
    throw new DataError(
      `${url}: sent ${received} bytes with SHA-256 ${sha256}, expected ${file.bytes} bytes with ${file.sha256}`,
    );
  }
}
