/** Finds the files of a published data set on this machine, in each way that they are commonly unpacked. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { DataError } from "../../error.js";
import { explained } from "../../world/disk-error.js";
import type { Disk } from "../../world/world.js";
import { openFile } from "../file.js";
import { PUBLISHED } from "./catalog.js";
import type { PublishedDataset, PublishedFile } from "./published-dataset.js";

/** The four files of a data set. */
export interface FileSet {
  readonly folder: string;
  readonly trainImages: string;
  readonly trainLabels: string;
  readonly testImages: string;
  readonly testLabels: string;
  /** Whether their test labels are the published ones: several data sets use the same file names. */
  readonly genuine: boolean;
}

/** Result of a search: the files, or those that the folder lacks. */
type Found = { readonly files: FileSet } | { readonly lacks: readonly string[]; readonly folder: string };

const ROLES = ["trainImages", "trainLabels", "testImages", "testLabels"] as const;

/**
 * Looks for the four files of `dataset` in `root` and in the folders that they are commonly unpacked to.
 * @throws DataError when a folder of its name holds another published data set
 */
export async function findFiles(disk: Disk, dataset: PublishedDataset, root: string): Promise<Found> {
  let nearest: Found = { folder: root, lacks: ROLES.map((role) => dataset[role].name) };
  for (const folder of [...dataset.folders.map((name) => join(root, name)), root]) {
    const found = await filesIn(disk, dataset, folder);
    if ("lacks" in found) {
      if (found.lacks.length < nearest.lacks.length) nearest = found;
      continue;
    }
    const holds = await publishedIn(disk, found.files);
    if (holds === undefined || holds === dataset) {
      return { files: { ...found.files, genuine: holds === dataset } };
    }
    if (folder !== root) {
      throw new DataError(`${folder} holds ${holds.title}, not ${dataset.title}: ask for --dataset ${holds.name}`);
    }
    nearest = { folder: `${root}, which holds ${holds.title}`, lacks: [] };
  }
  return nearest;
}

async function filesIn(disk: Disk, dataset: PublishedDataset, folder: string): Promise<Found> {
  const paths = new Map<(typeof ROLES)[number], string>();
  for (const role of ROLES) {
    const path = await fileIn(disk, dataset[role], folder);
    if (path !== undefined) paths.set(role, path);
  }
  const [trainImages, trainLabels, testImages, testLabels] = ROLES.map((role) => paths.get(role));
  return trainImages && trainLabels && testImages && testLabels
    ? { files: { folder, trainImages, trainLabels, testImages, testLabels, genuine: false } }
    : { folder, lacks: ROLES.filter((role) => !paths.has(role)).map((role) => dataset[role].name) };
}

async function fileIn(disk: Disk, file: PublishedFile, folder: string): Promise<string | undefined> {
  // Some programs restore the name in the gzip header: `train-images.idx3-ubyte`.
  const original = file.name.replace("-idx", ".idx");
  for (const name of [file.name, `${file.name}.gz`, original, `${original}.gz`]) {
    const path = join(folder, name);
    if ((await explained("read", path, disk.status(path)))?.kind === "file") {
      return path;
    }
  }
  return undefined;
}

/** The published data set that these files belong to; undefined for any other. */
async function publishedIn(disk: Disk, files: FileSet): Promise<PublishedDataset | undefined> {
  const [labels] = await openFile(disk, files.testLabels);
  const digest = createHash("sha256")
    .update(await labels.rows(0, labels.shape[0]))
    .digest("hex");
  return PUBLISHED.find(({ testLabelsDigest }) => testLabelsDigest === digest);
}
