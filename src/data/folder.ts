/**
 * Data sets of the user: a file, or a folder of files. Words in the names of files and arrays tell the purpose of rows
 * (`words.ts`). Where names do not tell, shapes decide; where shapes do not tell, the result is an error.
 */
import { basename, join } from "node:path";
import { DataError } from "../error.js";
import { explained } from "../world/disk-error.js";
import type { Disk } from "../world/world.js";
import type { Dataset } from "./dataset.js";
import { openFile } from "./file.js";
import type { FormatOptions, Labels, StoredTable } from "./formats/format.js";
import { describeShape } from "./formats/numbers.js";
import { FORMAT_NAMES, hasDataName } from "./formats/table.js";
import { areEqual, areNumbered, inOrder, joined } from "./parts.js";
import { openPictures } from "./pictures.js";
import { type RowOptions, type Sources, toDataset } from "./sources.js";
import type { Source } from "./split.js";
import { type Kind, type Part, type Role, roleOf } from "./words.js";

/** An array, and the role in its names. */
interface Named {
  /** For display: the file, and the array in it. */
  readonly file: string;
  readonly array: StoredTable;
  readonly role: Role;
}

/** Depth to which folders that hold only folders are searched. */
const DEPTH = 3;

export async function loadFile(disk: Disk, path: string, options: RowOptions): Promise<Dataset> {
  const arrays = await openNamed(disk, path, path, options, () => ({}));
  return toDataset(basename(path), path, await assign(path, arrays), options);
}

/** @throws DataError when the folder holds no rows, or two files for one role */
export async function loadFolder(disk: Disk, path: string, options: RowOptions): Promise<Dataset> {
  const files = await dataFiles(disk, path, DEPTH);
  const arrays: Named[] = [];
  for (const file of files) {
    const within = file.slice(path.length);
    arrays.push(...(await openNamed(disk, file, within.replace(/^[\\/]/, ""), options, roleOf)));
  }
  if (files.length === 0) {
    for (const { part, array } of await openPictures(disk, path)) {
      arrays.push({ file: join(path, part ?? ""), array, role: { part, kind: "values" } });
    }
  }
  if (arrays.length === 0) {
    throw new DataError(
      `${path}: no data here: give a folder with files of ${FORMAT_NAMES}, such as train-images-idx3-ubyte.gz, or with PNG pictures`,
    );
  }
  return toDataset(basename(path), path, await assign(path, arrays), options);
}

/** Names of data files in a folder, or else in its folders. A file beside its own gzip counts once. */
async function dataFiles(disk: Disk, folder: string, depth: number): Promise<string[]> {
  const names = (await explained("read", folder, disk.list(folder))).filter((name) => !name.startsWith("."));
  const found: string[] = [];
  const folders: string[] = [];
  for (const name of names.sort(inOrder)) {
    const path = join(folder, name);
    const kind = (await disk.status(path))?.kind;
    if (kind === "folder") folders.push(path);
    else if (hasDataName(name) && !names.includes(name.replace(/\.gz$/, "")) === name.endsWith(".gz")) found.push(path);
  }
  if (found.length > 0 || depth === 1) return found;
  return (await Promise.all(folders.map((path) => dataFiles(disk, path, depth - 1)))).flat();
}

async function openNamed(
  disk: Disk,
  path: string,
  shown: string,
  options: FormatOptions,
  roleOfFile: (name: string) => Role,
): Promise<Named[]> {
  const stem = shown.replace(/\.gz$/, "").replace(/\.[a-z]+$/i, "");
  return (await openFile(disk, path, options)).map((array) => {
    const role = { ...roleOfFile(stem), ...defined(roleOf(array.name)) };
    return { file: array.name === "" ? path : `${path}: ${array.name}`, array, role };
  });
}

function defined(role: Role): Role {
  return Object.fromEntries(Object.entries(role).filter(([, value]) => value !== undefined));
}

/** Which arrays are training rows, which are test rows, and which are left out. */
async function assign(where: string, arrays: readonly Named[]): Promise<Sources> {
  const kinds = arrays.map((named) => ({ ...named, kind: kindOf(named, arrays) }));
  const of = (kind: Kind, part: Part | undefined) => kinds.filter((one) => one.kind === kind && one.role.part === part);
  const remarks = new Set(arrays.flatMap(({ array }) => array.remarks ?? []));
  const leaveOut = (part: Part | undefined): void => {
    for (const { file } of of("values", part)) remarks.add(`left out: ${basename(file)}`);
  };
  const source = async (part: Part | undefined): Promise<Source | undefined> => {
    const values = await only(where, of("values", part), `${part ?? "train"} values`);
    return values && withLabels(values, await only(where, of("labels", part), `${part ?? "train"} labels`));
  };
  const [train, test] = [await source("train"), await source("test")];
  const validation = test && train ? undefined : await source("validation");
  if (train && (test ?? validation)) {
    if (test) leaveOut("validation");
    leaveOut(undefined);
    return { train, test: test ?? validation, remarks: [...remarks] };
  }
  if (train) leaveOut(undefined);
  const unnamed = train ?? (await source(undefined));
  const held = test ?? validation;
  if (unnamed && held) return { train: unnamed, test: held, remarks: [...remarks] };
  const one = unnamed ?? held;
  if (!one) throw new DataError(`${where}: no rows to train on here: it holds labels only`);
  return { train: one, remarks: [...remarks] };
}

/** The kind by the names. One dimension beside arrays with more means labels. */
function kindOf({ array, role }: Named, all: readonly Named[]): Kind {
  if (role.kind) return role.kind;
  const others = all.some((other) => other.array.shape.length > 1);
  return array.shape.length === 1 && others ? "labels" : "values";
}

interface Joined {
  readonly files: readonly string[];
  readonly array: StoredTable;
}

/**
 * The only array of `candidates`: one of several equal arrays, or numbered parts joined. @throws DataError when several
 * remain
 */
async function only(where: string, candidates: readonly Named[], what: string): Promise<Joined | undefined> {
  const [first, ...others] = candidates;
  if (first === undefined) return undefined;
  const copies = await Promise.all(others.map(({ array }) => areEqual(first.array, array)));
  const distinct = [first, ...others.filter((_, i) => !copies[i])];
  if (distinct.length > 1 && !areNumbered(distinct.map(({ file }) => file))) {
    const [a, b] = distinct.map(({ file }) => file.slice(where.length).replace(/^[\\/]/, "") || basename(file));
    throw new DataError(`${where}: both ${a} and ${b} look like ${what}; rename one or name the file itself`);
  }
  checkJoinable(distinct);
  return { files: distinct.map(({ file }) => file), array: joined(distinct.map(({ array }) => array)) };
}

function checkJoinable([first, ...others]: readonly Named[]): void {
  const inner = (named: Named): string => named.array.shape.slice(1).join(" x ");
  const other = others.find((named) => inner(named) !== inner(first));
  if (other) {
    throw new DataError(
      `${other.file}: rows are ${inner(other) || "single values"}, those of ${first.file} ${inner(first) || "single values"}: parts of one data set have the same`,
    );
  }
}

function withLabels({ files, array }: Joined, labels: Joined | undefined): Source {
  if (labels) {
    const [count] = labels.array.shape;
    const [file] = labels.files;
    const read = (start: number, end: number): Promise<Labels> => labels.array.rows(start, end);
    checkLabels(labels);
    return { files, values: array, labels: { file, count, read } };
  }
  const column = array.labels;
  if (!column) return { files, values: array };
  return {
    files,
    values: array,
    labels: { file: files[0], column: array.labelColumn, count: array.shape[0], read: column },
  };
}

function checkLabels({ files, array }: Joined): void {
  if (array.shape.filter((extent) => extent > 1).length > 1 && array.shape.slice(1).some((extent) => extent > 1)) {
    throw new DataError(
      `${files[0]}: holds ${describeShape(array.shape)} values; labels are one whole number a row, which numpy.argmax(labels, -1) makes of one-hot rows`,
    );
  }
}
