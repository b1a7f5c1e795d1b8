/**
 * Folders of PNG pictures, all of one size. Names of inner folders describe the pictures: `train` and `test` the
 * purpose, any other name the class.
 */
import { join } from "node:path";
import { DataError } from "../error.js";
import { explained } from "../world/disk-error.js";
import type { Disk } from "../world/world.js";
import type { StoredTable, Values } from "./formats/format.js";
import { describeShape } from "./formats/numbers.js";
import { decodePicture } from "./formats/png.js";
import { inOrder, joinValues } from "./parts.js";
import { type Part, roleOf } from "./words.js";

/** Pictures for training or for testing. */
interface PictureSet {
  readonly part?: Part;
  readonly array: StoredTable;
}

/** Depth to which folders are searched. */
const DEPTH = 4;

/** The pictures below `root`, by purpose; none when there are no PNG files. */
export async function openPictures(disk: Disk, root: string): Promise<PictureSet[]> {
  const byPart = new Map<Part | undefined, Map<string, string[]>>();
  for (const path of await pngFiles(disk, root, "", DEPTH)) {
    const folders = path.split("/").slice(0, -1);
    const part = folders.map((folder) => roleOf(folder).part).find((found) => found !== undefined);
    const name = folders.filter((folder) => roleOf(folder).part === undefined).at(-1) ?? "";
    const classes = byPart.get(part) ?? new Map<string, string[]>();
    classes.set(name, [...(classes.get(name) ?? []), path]);
    byPart.set(part, classes);
  }
  const sets: PictureSet[] = [];
  for (const [part, classes] of byPart) sets.push({ part, array: await openSet(disk, root, mixed(classes)) });
  return sets;
}

async function pngFiles(disk: Disk, root: string, within: string, depth: number): Promise<string[]> {
  const found: string[] = [];
  const names = await explained("read", join(root, within), disk.list(join(root, within)));
  for (const name of names.filter((name) => !name.startsWith(".")).sort(inOrder)) {
    const path = within === "" ? name : `${within}/${name}`;
    if (/\.png$/i.test(name)) found.push(path);
    else if (depth > 1 && !name.includes(".") && (await disk.status(join(root, path)))?.kind === "folder") {
      found.push(...(await pngFiles(disk, root, path, depth - 1)));
    }
  }
  return found;
}

interface Labelled {
  readonly path: string;
  readonly name: string;
}

/** The classes evenly mixed, so that any tenth of the rows has some of each. The order depends only on the names. */
function mixed(classes: ReadonlyMap<string, readonly string[]>): Labelled[] {
  const placed = [...classes].flatMap(([name, paths]) =>
    paths.map((path, i) => ({ path, name, place: (i + 0.5) / paths.length })),
  );
  return placed.sort((a, b) => a.place - b.place || inOrder(a.name, b.name));
}

async function openSet(disk: Disk, root: string, files: readonly Labelled[]): Promise<StoredTable> {
  const open = async (path: string) => {
    const file = join(root, path);
    return decodePicture(await explained("read", file, disk.read(file)), file);
  };
  const first = await open(files[0].path);
  const isLabelled = new Set(files.map(({ name }) => name)).size > 1;
  return {
    name: "",
    type: first.type,
    shape: [files.length, ...first.shape],
    async rows(start, end): Promise<Values> {
      const pieces: Values[] = [];
      for (const { path } of files.slice(start, end)) {
        const { shape, values } = await open(path);
        if (String(shape) !== String(first.shape)) {
          throw new DataError(
            `${join(root, path)}: is ${describeShape(shape)}, ${files[0].path} is ${describeShape(first.shape)}: make all the same, as magick -resize does`,
          );
        }
        pieces.push(values);
      }
      return joinValues(pieces);
    },
    ...(isLabelled && {
      async labels(start: number, end: number) {
        const names = files.slice(start, end).map(({ name }) => name);
        return files.every(({ name }) => /^\d+$/.test(name)) ? Int32Array.from(names, Number) : names;
      },
    }),
  };
}
