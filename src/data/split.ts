/** Reads rows of arrays in files, with their classes, and refuses rows that cannot be trained on. */
import { brief, DataError } from "../error.js";
import { type Split, sliceSplit } from "./dataset.js";
import type { Labels, StoredTable, Values } from "./formats/format.js";
import { describeShape } from "./formats/numbers.js";
import { checkShape, guessShape, parseShape } from "./shape.js";

/** Rows in files, for training or for testing. */
export interface Source {
  /** For display; the first one names the source in errors. */
  readonly files: readonly string[];
  readonly values: StoredTable;
  /** One value a row, in a file of its own or in a column beside the values. */
  readonly labels?: {
    readonly file: string;
    /** Name or number of the column, in a table. */
    readonly column?: string;
    read(start: number, end: number): Promise<Labels>;
    readonly count: number;
  };
}

/** Rows of a source, with classes as in the file. */
interface ReadSplit {
  readonly split: Split;
  readonly names?: readonly string[];
  /** Parts that were left out. */
  readonly remarks: readonly string[];
}

/**
 * Rows `start` to `end`. The first dimension counts the rows; the others, flattened, are the features.
 * @param shape the user's shape of pictures
 * @throws DataError when there are no rows of values, or a value is not finite
 */
export async function readSplit(
  { files, values: array, labels }: Source,
  start: number,
  end: number,
  shape?: string,
): Promise<ReadSplit> {
  const [, ...inner] = array.shape;
  const features = inner.reduce((product, extent) => product * extent, 1);
  const stored = await array.rows(start, end);
  const images = stored instanceof Int32Array ? Float32Array.from(stored) : stored;
  checkFinite(images, features, files[0], start);
  const picture = shape === undefined ? guessShape(inner, array.pictures) : parseShape(shape);
  if (shape !== undefined) checkShape(picture, features, shape);
  const read = labels && classesOf(await labels.read(start, end), labels, start);
  return {
    split: {
      images,
      count: end - start,
      features,
      scale: 1,
      ...(read?.classes && { labels: read.classes }),
      ...(read?.numbers && { targets: read.numbers }),
      ...picture,
      ...(array.columns && { tableColumns: array.columns }),
      origin: {
        files,
        type: array.type,
        ...(read?.word !== undefined && { word: read.word }),
        ...(read?.missing !== undefined && { missing: read.missing }),
      },
    },
    names: read?.names,
    remarks: read?.remark === undefined ? [] : [read.remark],
  };
}

/** @throws DataError unless the array has rows, and as many as there are labels */
export function checkSource({ files, values, labels }: Source): void {
  const { shape } = values;
  if (shape.length < 2) {
    throw new DataError(
      `${files[0]}: holds ${describeShape(shape)} values in one dimension, as labels do; rows to train on need two or more dimensions`,
    );
  }
  if (labels && labels.count !== shape[0]) {
    throw new DataError(
      `${labels.file}: has ${labels.count} labels, ${files[0]} has ${shape[0]} rows; they must match`,
    );
  }
}

/** @throws DataError that names the row and column of the first value that is not finite */
export function checkFinite(values: Values, features: number, file: string, first = 0): void {
  const index = values instanceof Float32Array ? values.findIndex((value) => !Number.isFinite(value)) : -1;
  if (index >= 0) {
    throw new DataError(
      `${file}: row ${first + Math.floor(index / features)}, column ${index % features} is ${values[index]}; ` +
        "replace or drop such rows (values must be finite in float32)",
    );
  }
}

interface Classes {
  readonly classes?: Uint8Array | Int32Array;
  readonly names?: readonly string[];
  /** Values that are no classes. */
  readonly numbers?: Float32Array;
  readonly remark?: string;
  /** Where the first name is that is no number, and the first row without a label. */
  readonly word?: string;
  readonly missing?: string;
}

interface LabelPlace {
  readonly file: string;
  readonly column?: string;
}

/** @param start the row of the first label */
function classesOf(labels: Labels, place: LabelPlace, start: number): Classes {
  if (labels instanceof Uint8Array || labels instanceof Int32Array) return { classes: labels };
  const absent =
    labels instanceof Float32Array ? labels.findIndex((label) => !Number.isFinite(label)) : firstEmpty(labels);
  if (absent >= 0) {
    const missing = `${placeOf(place, start + absent)} is ${labels[absent] === "" ? "empty" : brief(labels[absent])}`;
    return { missing, remark: `${missing}: the labels were left out` };
  }
  if (!(labels instanceof Float32Array))
    return { names: labels, ...numbersIn(labels), ...firstWord(labels, place, start) };
  // An autoencoder is learned without labels, and a regression from any numbers.
  if (!labels.every((value) => Number.isInteger(value) && Math.abs(value) < 2 ** 31)) {
    return { numbers: labels };
  }
  return { classes: Int32Array.from(labels) };
}

const placeOf = ({ file, column }: LabelPlace, row: number): string =>
  `${file}: row ${row}${column === undefined ? "" : `, column ${column}`}`;

/** The first label that is a blank, or the mark that programs write for a missing number; -1 if there is none. */
const firstEmpty = (names: readonly string[]): number => names.findIndex((name) => /^\s*(nan)?\s*$/i.test(name));

/** The first label that is no number, and its place. */
function firstWord(names: readonly string[], place: LabelPlace, start: number): Pick<Classes, "word"> {
  const at = names.findIndex((name) => Number.isNaN(numberIn(name)));
  return at < 0 ? {} : { word: `${placeOf(place, start + at)} is ${brief(names[at])}` };
}

/** NaN for other words, and for what is not finite. */
function numberIn(word: string): number {
  const value = word.trim() === "" ? Number.NaN : Number(word);
  return Number.isFinite(value) ? value : Number.NaN;
}

/** Words that are numbers throughout: classes by their words, and what a regression learns by their values. */
function numbersIn(words: readonly string[]): Pick<Classes, "numbers"> {
  const values = words.map(numberIn);
  return values.every(Number.isFinite) ? { numbers: Float32Array.from(values) } : {};
}

/** Numbers the names of classes in alphabetical order, the same in all splits: if one has names, whole numbers of the others are names. */
export function numberClasses(given: readonly ReadSplit[]): Split[] {
  const isMixed = given.some(({ names }) => names) && given.some(({ names, split }) => !names && split.labels);
  const read = isMixed ? given.map(named) : given;
  const classNames = [...new Set(read.flatMap(({ names = [] }) => names))].sort();
  const numbers = new Map(classNames.map((name, i) => [name, i]));
  return read.map(({ split, names }) =>
    names ? { ...split, labels: Int32Array.from(names, (name) => numbers.get(name) ?? 0), classNames } : split,
  );
}

/** Labels as words, with the same word for the same number: 007 was read as 7 where all labels are numbers. */
function named(read: ReadSplit): ReadSplit {
  const { labels, targets } = read.split;
  if (read.names)
    return { ...read, names: read.names.map((name) => (/^0\d+$/.test(name) ? String(Number(name)) : name)) };
  if (!labels) return read;
  const split = { ...read.split, targets: targets ?? Float32Array.from(labels) };
  return { ...read, split, names: Array.from(labels, String) };
}

/**
 * Number of rows kept for training when there are no test rows: all but the last tenth, which is at least one. @throws
 * DataError for a single row
 */
export function keptRows(count: number, file: string): number {
  if (count < 2) {
    throw new DataError(`${file}: holds a single row; training and testing need at least one each`);
  }
  return count - Math.max(1, Math.floor(count / 10));
}

/** Splits one split into two. */
export function holdOut(split: Split, file: string): { train: Split; test: Split } {
  const kept = keptRows(split.count, file);
  return { train: sliceSplit(split, 0, kept), test: sliceSplit(split, kept, split.count) };
}

/** @throws DataError unless rows to train and to test on have the same features, in one order */
export function checkAgreement(train: Split, test: Split, source: string): void {
  if (train.features !== test.features) {
    throw new DataError(
      `${source}: training rows have ${train.features} features, test rows ${test.features}; they must have the same`,
    );
  }
  const [first, second] = [train, test].map(({ tableColumns }) => tableColumns?.values ?? []);
  const moved = first.findIndex((name, i) => second.length > 0 && name !== second[i]);
  if (moved >= 0 && first.every((name) => second.includes(name))) {
    throw new DataError(
      `${source}: column ${moved} of the training rows is ${brief(first[moved])}, of the test rows ${brief(second[moved])}: write the columns in one order`,
    );
  }
}
