/** Finds the files of a published data set on this machine, whatever way they were unpacked. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { explained } from "../world/disk-error.js";
import type { Disk } from "../world/world.js";
import { PUBLISHED, type PublishedDataset, type PublishedFile } from "./catalog.js";
import { readArray } from "./file.js";

/** Where the four files of a data set lie. */
export interface FileSet {
  readonly folder: string;
  readonly trainImages: string;
  readonly trainLabels: string;
  readonly testImages: string;
  readonly testLabels: string;
}

/** The first of `roots` that holds all files of `dataset`, in itself or in a folder of its name; undefined if none does. */
export async function findFiles(
  disk: Disk,
  dataset: PublishedDataset,
  roots: readonly string[],
): Promise<FileSet | undefined> {
  for (const root of roots) {
    for (const folder of dataset.folders) {
      const named = await filesIn(disk, dataset, join(root, folder));
      if (named) {
        return named;
      }
    }
    const direct = await filesIn(disk, dataset, root);
    if (direct && !(await isAnother(disk, dataset, direct))) {
      return direct;
    }
  }
  return undefined;
}

async function filesIn(disk: Disk, dataset: PublishedDataset, folder: string): Promise<FileSet | undefined> {
  const [trainImages, trainLabels, testImages, testLabels] = [
    await fileIn(disk, dataset.trainImages, folder),
    await fileIn(disk, dataset.trainLabels, folder),
    await fileIn(disk, dataset.testImages, folder),
    await fileIn(disk, dataset.testLabels, folder),
  ];
  return trainImages && trainLabels && testImages && testLabels
    ? { folder, trainImages, trainLabels, testImages, testLabels }
    : undefined;
}

async function fileIn(disk: Disk, file: PublishedFile, folder: string): Promise<string | undefined> {
  // Some unpackers restore the name in the gzip header: `train-images.idx3-ubyte`.
  const original = file.name.replace("-idx", ".idx");
  for (const name of [file.name, `${file.name}.gz`, original, `${original}.gz`]) {
    const path = join(folder, name);
    if ((await explained("read", path, disk.status(path)))?.kind === "file") {
      return path;
    }
  }
  return undefined;
}

/** Whether files in an unnamed folder are those of another published data set: all use the same file names. */
async function isAnother(disk: Disk, dataset: PublishedDataset, files: FileSet): Promise<boolean> {
  const { values } = await readArray(disk, files.testLabels);
  const digest = createHash("sha256").update(values).digest("hex");
  return PUBLISHED.some((other) => other !== dataset && other.testLabelsDigest === digest);
}
