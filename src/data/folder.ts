/**
 * Data sets of one's own: a file of images, or a folder of files whose names say what they hold. `test`, `t10k` or
 * `val` in a name marks rows for testing, `label` or `target` marks labels, everything else is images to train on.
 */
import { basename, join } from "node:path";
import { DataError } from "../error.js";
import { explained } from "../world/disk-error.js";
import type { Disk } from "../world/world.js";
import type { Dataset } from "./dataset.js";
import { readArray } from "./file.js";
import { checkAgreement, holdOut, makeSplit, type Source } from "./split.js";

type Role = "train images" | "train labels" | "test images" | "test labels";

const DATA_NAME = /(\.npy|\.idx|idx\d?-\w+|ubyte)(\.gz)?$/i;

export async function loadFile(disk: Disk, path: string): Promise<Dataset> {
  return fromOneFile(basename(path), await readSource(disk, path));
}

/** @throws DataError when the folder holds no images, or two files for one role */
export async function loadFolder(disk: Disk, path: string): Promise<Dataset> {
  const files = assignRoles(
    path,
    (await explained("read", path, disk.list(path))).filter((name) => DATA_NAME.test(name)),
  );
  const read = async (role: Role): Promise<Source | undefined> => {
    const name = files.get(role);
    return name === undefined ? undefined : readSource(disk, join(path, name));
  };
  const trainImages = await read("train images");
  const testImages = await read("test images");
  if (trainImages && testImages) {
    const train = makeSplit(trainImages, await read("train labels"));
    const test = makeSplit(testImages, await read("test labels"));
    checkAgreement(train, test, path);
    return { name: basename(path), source: path, train, test };
  }
  const images = trainImages ?? testImages;
  if (!images) {
    throw new DataError(
      `${path}: no images here: give a folder with IDX or NPY files, such as train-images-idx3-ubyte.gz`,
    );
  }
  return fromOneFile(basename(path), images, (await read("train labels")) ?? (await read("test labels")));
}

function fromOneFile(name: string, images: Source, labels?: Source): Dataset {
  const split = makeSplit(images, labels);
  const source = `${images.file} (${split.count} rows, the last tenth held out as test)`;
  return { name, source, ...holdOut(split, images.file) };
}

function roleOf(name: string): Role {
  const part = /test|t10k|val/i.test(name) ? "test" : "train";
  return /label|target/i.test(name) ? `${part} labels` : `${part} images`;
}

function assignRoles(folder: string, names: readonly string[]): Map<Role, string> {
  const files = new Map<Role, string>();
  for (const name of names) {
    const role = roleOf(name);
    const other = files.get(role);
    // A file beside its own gzip is one file: the plain one sorts first and stays.
    if (other !== undefined && name !== `${other}.gz`) {
      throw new DataError(`${folder}: both ${other} and ${name} look like ${role}; rename one or name the file itself`);
    }
    files.set(role, other ?? name);
  }
  return files;
}

async function readSource(disk: Disk, file: string): Promise<Source> {
  return { file, array: await readArray(disk, file) };
}
