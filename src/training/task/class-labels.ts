/** The classes of rows: how many there are, and the numbers that a network gave to their names. */
import type { Split } from "../../data/dataset.js";
import { brief, DataError } from "../../error.js";

/** Classes that a network may have whatever its rows: beyond them, numbers that are no classes would ask for huge layers. */
const USUAL = 1024;
/** Labels that may be missing for each one that rows have. */
const GAPS = 8;
/** Names in a message. */
const SHOWN = 6;

/** Classes of rows to train on. @throws DataError when there are no labels, or some that are no classes */
export function trainedClasses(train: Split, name: string): number {
  const classes = classesOf(train, name);
  const distinct = new Set<number>(train.labels).size;
  if (train.targets && classes > train.count / 2) {
    throw new DataError(
      `${name} has ${classes} different labels in ${train.count} rows, too many for classes: learn them as numbers with --task regress`,
    );
  }
  if (classes > USUAL && classes > GAPS * distinct) {
    throw new DataError(
      `${name} has ${distinct} different labels, the largest ${classes - 1}, and a network would have an output for each number from 0 to that: number the classes from 0, write words instead (as in "c${classes - 1}"), or learn numbers with --task regress`,
    );
  }
  return classes;
}

/** The least number of classes with these labels. @throws DataError when there are no labels, or some that are no classes */
export function classesOf(split: Split, name: string): number {
  const { labels, targets, origin } = split;
  refuseMissing(origin, "task classify learns a class for each row");
  if (!labels) {
    throw new DataError(
      `task classify needs a class for each row, and ${name} has ${targets ? "numbers that are not whole" : "none"}: ${howToLabel(split, "trainLabels")}${targets ? ", or learn the numbers with --task regress" : ""}`,
    );
  }
  const wrong = labels.findIndex((label: number) => label < 0);
  if (wrong >= 0) throw new DataError(`${name}: label ${wrong} is ${labels[wrong]}: classes are whole numbers from 0`);
  return countOf(split);
}

/** Where labels come from: rows of a program's memory have no columns. */
export const howToLabel = ({ origin }: Split, key: string): string =>
  origin ? "name their column with --label" : `give them as ${key} of the data set`;

/** @throws DataError when a row has no label */
export function refuseMissing(origin: Split["origin"], what: string): void {
  if (origin?.missing === undefined) return;
  throw new DataError(`${origin.missing}, and ${what}: fill it in, or leave such rows out`);
}

/** One more than the greatest label, or as many as there are names. */
export function countOf({ labels, classNames = [] }: Split): number {
  let most = -1;
  for (const label of labels ?? []) most = Math.max(most, label);
  return Math.max(most + 1, classNames.length);
}

/**
 * The same rows with the labels that a network learned: data number their names by those that they have.
 * @param known names of its classes; absent when it learned numbers
 * @throws DataError that names the first class that it did not learn
 */
export function withKnownClasses(split: Split, known: readonly string[] | undefined, name: string): Split {
  const { labels, classNames } = split;
  if (!labels || (!known && !classNames)) return split;
  const places = known && new Map(known.map((one, i) => [one, i]));
  const numbered = new Map<number, number>();
  for (const [row, label] of labels.entries()) {
    if (numbered.has(label)) continue;
    const word = classNames?.[label] ?? String(label);
    const place = places ? places.get(word) : /^\d{1,9}$/.test(word) ? Number(word) : undefined;
    if (place === undefined) throw unknownClass(name, row, word, known);
    numbered.set(label, place);
  }
  return { ...split, labels: Int32Array.from(labels, (label) => numbered.get(label) ?? 0), classNames: known };
}

function unknownClass(name: string, row: number, word: string, known: readonly string[] | undefined): DataError {
  const more = known && known.length > SHOWN ? `, and ${known.length - SHOWN} more` : "";
  const learned = known
    ? known
        .slice(0, SHOWN)
        .map((one) => brief(one))
        .join(", ") + more
    : "numbers from 0";
  return new DataError(
    `${name}: the label of row ${row} is ${brief(word)}, and the network learned the classes ${learned}: leave such rows out, or train it with them`,
  );
}
