/** Cells of tables as the libraries return them: numbers, lists of numbers, pictures, texts, or others. */
import { DataError } from "../../error.js";
import { type Column, quoted } from "./columns.js";
import { isInt32, type Labels } from "./format.js";
import { decodePicture, isPng } from "./png.js";

/** The kind of a column, by the cell in its first row. */
export function columnOf(name: string, example: unknown, type: string, file: string): Column {
  const png = pngIn(example);
  if (png) {
    const { shape } = decodePicture(png, `${file}: column ${quoted(name)}`);
    return { name, kind: "pictures", shape, width: product(shape), type: "uint8" };
  }
  if (typeof example === "string" || example instanceof Uint8Array)
    return { name, kind: "text", width: 1, type: "text" };
  if (isList(example)) {
    const flat = flattened(example);
    if (flat.length > 0 && flat.every(isNumeric))
      return { name, kind: "numbers", width: flat.length, type, shape: extents(example) };
    return { name, kind: "other", width: 0, type: "lists of other things" };
  }
  return isNumeric(example) || example === null
    ? { name, kind: "numbers", width: 1, type }
    : { name, kind: "other", width: 0, type };
}

/** A single number. @throws DataError that names row and column of anything else */
export function cell(value: unknown, row: number, column: string, file: string): number {
  if (typeof value === "number") return value;
  if (isNumeric(value)) return Number(value);
  const found = value === null || value === undefined ? "empty" : JSON.stringify(String(value).slice(0, 40));
  throw new DataError(
    `${file}: row ${row}, column ${quoted(column)} is ${found}: fill or drop such rows, as pandas.DataFrame.dropna() does`,
  );
}

/** Writes the cells of a row one after another. */
export function fillRow(
  values: Float32Array,
  row: number,
  columns: readonly Column[],
  cellOf: (name: string) => unknown,
  file: string,
): void {
  const width = columns.reduce((sum, column) => sum + column.width, 0);
  let at = row * width;
  for (const { name, kind, width, shape } of columns) {
    const given = cellOf(name);
    const where = `${file}: row ${row}, column ${quoted(name)}`;
    const png = kind === "pictures" ? pngIn(given) : undefined;
    const picture = png && decodePicture(png, where);
    const list = picture ? picture.values : isList(given) ? flattened(given) : [given];
    if (list.length !== width || (picture && String(picture.shape) !== String(shape))) {
      throw new DataError(`${where} holds ${list.length} values, the first row ${width}: give all the same size`);
    }
    for (const value of list) values[at++] = cell(value, row, name, file);
  }
}

/** Integers if all are integers of 32 bits, else texts: empty ones where there is no label. */
export function classesOf(cells: readonly unknown[]): Labels {
  const texts = cells.map((value) => {
    if (value === null || value === undefined) return "";
    return value instanceof Uint8Array ? new TextDecoder().decode(value) : String(value);
  });
  const whole = cells.every((value) => isNumeric(value) && isInt32(Number(value)));
  return whole ? Int32Array.from(cells, Number) : texts;
}

/** The bytes of a PNG, alone or in a record beside a path. */
function pngIn(value: unknown): Uint8Array | undefined {
  const bytes = value instanceof Uint8Array ? value : (value as { readonly bytes?: unknown } | null | undefined)?.bytes;
  return bytes instanceof Uint8Array && isPng(bytes) ? bytes : undefined;
}

const isNumeric = (value: unknown): boolean =>
  typeof value === "number" || typeof value === "bigint" || typeof value === "boolean";

const isList = (value: unknown): value is ArrayLike<unknown> =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof Uint8Array) && !(value instanceof DataView));

function flattened(list: ArrayLike<unknown>): unknown[] {
  return Array.from(list).flatMap((value) => (isList(value) ? flattened(value) : [value]));
}

/** Extents of a list of lists of equal lengths. */
function extents(list: ArrayLike<unknown>): readonly number[] {
  const [first] = Array.from(list).slice(0, 1);
  return isList(first) ? [list.length, ...extents(first)] : [list.length];
}

const product = (shape: readonly number[]): number => shape.reduce((all, extent) => all * extent, 1);
