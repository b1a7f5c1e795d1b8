/**
 * Tables with named columns: which columns are values, which one is the class of a row, and which are no data. CSV,
 * Parquet and Arrow share this.
 */
import { DataError, nearest, UsageError } from "../../error.js";
import { isLabelWord } from "../words.js";
import type { FormatOptions, Labels, StoredTable, TableColumns, Values } from "./format.js";

export interface Column {
  readonly name: string;
  /** `numbers`: one, or a list of `width`. `pictures`: of `width` values. */
  readonly kind: "numbers" | "pictures" | "text" | "other";
  readonly width: number;
  /** [height, width] or [height, width, 3], of pictures. */
  readonly shape?: readonly number[];
  /** The file's name of the type: `DOUBLE`. */
  readonly type: string;
}

export interface Table {
  readonly file: string;
  readonly count: number;
  readonly columns: readonly Column[];
  /** Whether the file names its columns; otherwise their names are their numbers. */
  readonly named: boolean;
  /** The values of columns `wanted` in rows `start` to `end`, row by row. */
  values(wanted: readonly number[], start: number, end: number): Promise<Values>;
  /** One value a row. */
  classes(column: number, start: number, end: number): Promise<Labels>;
}

/** Names of columns that number the rows: no data. */
const ROW_NUMBERS = /^(|unnamed: 0|index|id|__index_level_0__)$/i;
const PIXEL = /^(pixels?|pix|px)[ _-]?\d+$|^\d+x\d+$/i;
/** Names in a remark. */
const SHOWN = 6;
/** 28 x 28 pixels behind a class: the common form of MNIST as text. */
const MNIST_COLUMNS = 785;

/** Which columns of a table are used, by their places. */
interface Choice {
  readonly values: readonly number[];
  readonly classes?: number;
  readonly remarks: readonly string[];
}

/** @throws UsageError when there is no column `label`; DataError when a column of values holds none, or is missing */
export function arraysOf(table: Table, { label, columns: asked }: FormatOptions): StoredTable[] {
  const { file, columns, count, named } = table;
  if (count === 0) throw new DataError(`${file}: holds no rows`);
  const chosen = asked && named ? askedColumns(table, asked, label) : guessedColumns(table, label);
  const { values: wanted, classes } = chosen;
  const values = wanted.map((i) => columns[i]);
  if (values.length === 0) throw new DataError(`${file}: has no columns of values`);
  const bad = values.find(({ kind }) => kind === "text" || kind === "other");
  if (bad) throw noNumbers(file, bad);
  const labels = classes === undefined ? [] : [`labels: column ${shown(columns[classes], named)}`];
  const width = values.reduce((sum, column) => sum + column.width, 0);
  const pictures = values.every(({ name, kind }) => kind === "pictures" || PIXEL.test(name));
  return [
    {
      name: "",
      type: values[0].type,
      shape: [count, ...(values.length === 1 ? (values[0].shape ?? [width]) : [width])],
      pictures,
      remarks: [...labels, ...chosen.remarks],
      rows: (start, end) => table.values(wanted, start, end),
      ...(named &&
        !pictures && {
          columns: {
            values: values.map(({ name }) => name),
            ...(classes !== undefined && { label: columns[classes].name }),
          },
        }),
      ...(classes !== undefined && {
        labelColumn: shown(columns[classes], named),
        labels: (start: number, end: number) => table.classes(classes, start, end),
      }),
    },
  ];
}

/** All columns but the classes and the numbers of the rows. */
function guessedColumns(table: Table, label: string | undefined): Choice {
  const { columns, named } = table;
  const classes = label === undefined ? guessedLabel(table) : labelColumn(table, label);
  const numbered = named && columns.length > 1 && ROW_NUMBERS.test(columns[0].name) && classes !== 0 ? 0 : undefined;
  return {
    values: columns.map((_, i) => i).filter((i) => i !== classes && i !== numbered),
    classes,
    remarks:
      numbered === undefined ? [] : [`left out: column ${shown(columns[numbered], named)}, which numbers the rows`],
  };
}

/** The columns that are asked for, in the order of the request; classes only where the table has them. */
function askedColumns(table: Table, asked: TableColumns, label: string | undefined): Choice {
  const { file, columns } = table;
  const names = columns.map(({ name }) => name);
  const values = asked.values.map((name) => {
    const at = names.indexOf(name);
    if (at >= 0) return at;
    const near = nearest(
      name,
      names.filter((other) => !asked.values.includes(other)),
    );
    throw new DataError(
      `${file}: has no column ${quoted(name)}, which the network was trained on${near ? `: is it ${quoted(near)}?` : ""}`,
    );
  });
  const usual = asked.label === undefined ? -1 : names.indexOf(asked.label);
  const classes = label === undefined ? usual : labelColumn(table, label);
  const left = columns.filter((_, i) => i !== classes && !values.includes(i)).map(({ name }) => quoted(name));
  const more = left.length > SHOWN ? `, and ${left.length - SHOWN} more` : "";
  return {
    values,
    ...(classes >= 0 && { classes }),
    remarks: left.length === 0 ? [] : [`left out: columns ${left.slice(0, SHOWN).join(", ")}${more}`],
  };
}

function shown({ name }: Column, named: boolean): string {
  return named ? quoted(name) : name;
}

function guessedLabel({ columns, named }: Table): number | undefined {
  if (!named) return columns.length === MNIST_COLUMNS ? 0 : onlyText(columns);
  const said = columns.findIndex(({ name }) => isLabelWord(name));
  return said >= 0 ? said : onlyText(columns);
}

function onlyText(columns: readonly Column[]): number | undefined {
  const texts = columns.flatMap(({ kind }, i) => (kind === "text" ? [i] : []));
  return texts.length === 1 && columns.length > 1 ? texts[0] : undefined;
}

function labelColumn({ file, columns, named }: Table, label: string): number {
  const names = columns.map(({ name }) => name);
  const found = names.indexOf(label);
  if (found >= 0) return found;
  if (/^\d+$/.test(label) && Number(label) < columns.length) return Number(label);
  const near = named ? nearest(label, names) : undefined;
  const hint = near
    ? `did you mean "${near}"?`
    : `there are ${named ? names.slice(0, 6).join(", ").slice(0, 120) : ""}`;
  const range = `a number from 0 to ${columns.length - 1}`;
  throw new UsageError(
    `${file}: no column "${label.slice(0, 60)}" for the labels: ${named ? `${hint} (or ${range})` : range}`,
  );
}

function noNumbers(file: string, { name, type }: Column): DataError {
  const column = quoted(name);
  return new DataError(
    `${file}: column ${column} holds ${type}, not numbers: if it is the class of a row give --label ${column}, else leave it out, as pandas.DataFrame.drop(columns=${column}) does`,
  );
}

/** The name of a column as a message quotes it: bounded, and without control characters, of which damaged files are full. */
export function quoted(name: string): string {
  return JSON.stringify(name.slice(0, 40).replace(/\p{Cc}/gu, "?"));
}
