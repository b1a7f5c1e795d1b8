/**
 * A file format: how to recognise its files, and how to open them as arrays whose rows are read on demand. Each format
 * is a file in this folder; `table.ts` lists them.
 */

/** Bytes that are read in ranges: of a file, or unpacked from one. */
export interface Bytes {
  readonly size: number;
  /** Bytes `start` up to, not including, `end`; both lie within `size`. */
  read(start: number, end: number): Promise<Uint8Array>;
}

/** Bytes stay bytes, integers become 32-bit ones where they fit, all others float32. Text is for names of classes. */
export type Values = Uint8Array | Int32Array | Float32Array;
/** A class for each row: a number or a name. */
export type Labels = Values | readonly string[];

/** Whether a label can be a number of a class. Greater numbers would wrap around. */
export const isInt32 = (value: number): boolean => Number.isInteger(value) && value === (value | 0);

/** Rows of numbers in a file. */
export interface StoredArray {
  /** Name within its file: `x_train`. Empty when the file holds one array. */
  readonly name: string;
  /** NumPy's name of the type: `uint8`. */
  readonly type: string;
  /** Extent of each dimension, rows first. */
  readonly shape: readonly number[];
  /** Whether the file marks the values as those of pictures, by columns called `pixel1`. */
  readonly pictures?: boolean;
  /** Rows `start` up to, not including, `end`, in C order. */
  rows(start: number, end: number): Promise<Values>;
}

/** Names of the columns of a table that a data set takes. */
export interface TableColumns {
  /** Columns of values, in their order. */
  readonly values: readonly string[];
  /** Column of classes. */
  readonly label?: string;
}

/** Rows of a table that have a class. */
export interface StoredTable extends StoredArray {
  /** The classes of rows `start` to `end`. */
  labels?(start: number, end: number): Promise<Labels>;
  /** Name or number of the column of these. */
  readonly labelColumn?: string;
  /** Its columns, where the file names them. */
  readonly columns?: TableColumns;
  /** Remarks about its columns for the user: `label: column "species"`. */
  readonly remarks?: readonly string[];
}

/** What the user says of a file that does not say it itself. */
export interface FormatOptions {
  /** Name or number (from 0) of the column of classes in a table. */
  readonly label?: string;
  /** Columns to take of a table that names its columns; the others are left out. Default: all. */
  readonly columns?: TableColumns;
}

/** A format of data files: how its files are told from others, and read. */
export interface Format {
  /** Name in messages: `NPY`. */
  readonly name: string;
  /** Endings of its files' names, in lower case and without the dot. */
  readonly endings: readonly string[];
  /** Whether a file that begins with `start`, some kilobytes, is of this format. */
  recognises(start: Uint8Array, file: string): boolean;
  /**
   * The tables of a file: what they hold, and how their rows are read when they are asked for.
   * @param file names the file in errors
   * @throws DataError when it is damaged or holds what cannot be read
   */
  open(bytes: Bytes, file: string, options: FormatOptions): Promise<readonly StoredTable[]>;
}

/** Bytes in memory. */
export function bytesInMemory(bytes: Uint8Array): Bytes {
  return { size: bytes.length, read: async (start, end) => bytes.subarray(start, end) };
}
