/**
 * Text with a row a line: CSV, TSV, and the output of numpy.savetxt. One pass finds where the lines begin, so that a
 * few rows of a large file can be read without parsing the rest.
 */
import { parse } from "csv-parse/sync";
import { DataError } from "../../error.js";
import { arraysOf, type Column, quoted } from "./columns.js";
import { type Bytes, type Format, isInt32, type Labels } from "./format.js";

export const CSV: Format = {
  name: "CSV",
  endings: ["csv", "tsv"],
  recognises: (start, file) => isText(start) && (/\.(csv|tsv|txt|data)(\.gz)?$/i.test(file) || isTabular(start)),
  async open(bytes, file, options) {
    const lines = await indexLines(bytes, file);
    const layout = await layoutOf(lines, file);
    const { columns, named } = layout;
    const text = new CsvText(lines, layout, file);
    const count = lines.count - layout.skipped;
    const values = (wanted: readonly number[], start: number, end: number) => text.values(wanted, start, end);
    const classes = (column: number, start: number, end: number) => text.classes(column, start, end);
    return arraysOf({ file, count, columns, named, values, classes }, options);
  },
};

function isText(start: Uint8Array): boolean {
  const head = start.subarray(0, 4096);
  return (
    head.length > 0 && head.every((byte) => byte >= 32 || (byte >= 9 && byte <= 13)) && !/^\s*[<{[]/.test(ascii(head))
  );
}

/** Whether the first lines are fields, some of them numbers. */
function isTabular(start: Uint8Array): boolean {
  const lines = ascii(start.subarray(0, 4096)).split(/\r?\n/).slice(0, 2);
  return lines.some((line) => line.split(/[,;\t ]+/).filter((field) => field !== "" && isNumber(field)).length > 1);
}

const ascii = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

/** Lines between remembered offsets. */
const STRIDE = 128;
const BLOCK = 1 << 22;
const LONGEST_LINE = 1 << 24;

interface Lines {
  readonly bytes: Bytes;
  /** Where lines 0, STRIDE, 2 STRIDE, ... begin, and where the last line ends. Empty lines do not count. */
  readonly offsets: readonly number[];
  readonly count: number;
}

async function indexLines(bytes: Bytes, file: string): Promise<Lines> {
  const offsets: number[] = [];
  let [count, begin, blank] = [0, 0, true];
  const endLine = (next: number): void => {
    if (next - begin > LONGEST_LINE) {
      throw new DataError(`${file}: line ${count + 1} is longer than ${LONGEST_LINE} bytes: is this a table of text?`);
    }
    if (!blank && count++ % STRIDE === 0) offsets.push(begin);
    begin = next;
    blank = true;
  };
  for (let at = 0; at < bytes.size; at += BLOCK) {
    const block = await bytes.read(at, Math.min(bytes.size, at + BLOCK));
    for (let i = 0; i < block.length; i++) {
      if (block[i] === 10) endLine(at + i + 1);
      else if (block[i] > 32) blank = false;
    }
  }
  endLine(bytes.size);
  return { bytes, offsets: [...offsets, bytes.size], count };
}

interface Layout {
  readonly delimiter: string | RegExp;
  readonly named: boolean;
  readonly columns: readonly Column[];
  /** Lines before the rows. */
  readonly skipped: number;
}

async function layoutOf(lines: Lines, file: string): Promise<Layout> {
  const first = await linesFrom(lines, 0, Math.min(lines.count, STRIDE));
  const comments = first.findIndex((line) => !line.startsWith("#"));
  if (comments < 0) throw new DataError(`${file}: holds no rows, only lines that begin with #`);
  const delimiter = delimiterOf(first.slice(comments));
  const records = first.slice(comments).map((line) => fields(line, delimiter, file));
  const titled = records[0].some((field) => !isNumber(field, delimiter) && !isMissing(field));
  // numpy.savetxt puts the names behind a #.
  const remark = comments > 0 ? fields(first[comments - 1].replace(/^#+\s*/, ""), delimiter, file) : [];
  const header =
    titled && (records.length > 1 || !records[0].some((field) => isNumber(field)))
      ? records[0]
      : remark.length === records[0].length
        ? remark
        : undefined;
  const rows = header === records[0] ? records.slice(1) : records;
  const names = header ?? rows[0].map((_, i) => String(i));
  const columns = names.map((name, i): Column => {
    const text = rows.some((row) => !isNumber(row[i] ?? "", delimiter) && !isMissing(row[i] ?? ""));
    return { name: name.trim(), kind: text ? "text" : "numbers", width: 1, type: text ? "text" : "numbers as text" };
  });
  return { delimiter, named: header !== undefined, columns, skipped: comments + (header === records[0] ? 1 : 0) };
}

/** The most frequent separator in most lines. Where semicolons separate fields, a comma may be part of a number. */
function delimiterOf(lines: readonly string[]): string | RegExp {
  const usual = (delimiter: string): number => {
    const counts = lines.map((line) => line.split(delimiter).length).sort((a, b) => a - b);
    return counts[counts.length >> 1];
  };
  const counts = [";", ",", "\t"].map((delimiter) => ({ delimiter, count: usual(delimiter) }));
  const best = counts.reduce((a, b) => (b.count > a.count ? b : a));
  return best.count > 1 ? best.delimiter : /\s+/;
}

/** The fields of a line. A full parser handles quotes, which are rare in tables of numbers. */
function fields(line: string, delimiter: string | RegExp, file: string): string[] {
  if (!line.includes('"')) return line.trim().split(delimiter);
  try {
    const options = {
      delimiter: typeof delimiter === "string" ? delimiter : " ",
      relax_quotes: true,
      relax_column_count: true,
    };
    const records: string[][] = parse(line, options);
    if (records.length === 1) return records[0];
  } catch {
    // The error below explains it.
  }
  throw new DataError(
    `${file}: a quoted field goes over several lines (${JSON.stringify(line.slice(0, 40))}): write it anew, as pandas.read_csv(${JSON.stringify(file)}).to_csv("data.csv", index=False) does`,
  );
}

/** Lines `start` to `end`, without line ends. */
async function linesFrom({ bytes, offsets }: Lines, start: number, end: number): Promise<string[]> {
  const first = Math.floor(start / STRIDE);
  const last = Math.ceil(end / STRIDE);
  const text = new TextDecoder().decode(await bytes.read(offsets[first], offsets[Math.min(last, offsets.length - 1)]));
  const lines = text.split("\n").filter((line) => /[^\s\0-\x20]/.test(line));
  return lines.slice(start - first * STRIDE, end - first * STRIDE).map((line) => line.replace(/\r$/, ""));
}

class CsvText {
  readonly #lines: Lines;
  readonly #layout: Layout;
  readonly #file: string;

  constructor(lines: Lines, layout: Layout, file: string) {
    this.#lines = lines;
    this.#layout = layout;
    this.#file = file;
  }

  async values(wanted: readonly number[], start: number, end: number): Promise<Float32Array> {
    const values = new Float32Array((end - start) * wanted.length);
    let at = 0;
    await this.#each(start, end, (record, row) => {
      for (const column of wanted) values[at++] = this.#number(record[column], row, column);
    });
    return values;
  }

  async classes(column: number, start: number, end: number): Promise<Labels> {
    const texts: string[] = [];
    const { delimiter } = this.#layout;
    await this.#each(start, end, (record) => texts.push(withPoint(record[column].trim(), delimiter)));
    return texts.every((text) => text !== "" && isInt32(Number(text))) ? Int32Array.from(texts, Number) : texts;
  }

  async #each(start: number, end: number, use: (record: readonly string[], row: number) => void): Promise<void> {
    const { skipped, delimiter, columns } = this.#layout;
    for (let row = start; row < end; ) {
      const next = Math.min(end, (Math.floor((row + skipped) / STRIDE) + 1) * STRIDE - skipped);
      for (const line of await linesFrom(this.#lines, row + skipped, next + skipped)) {
        const record = fields(line, delimiter, this.#file);
        if (record.length !== columns.length) {
          throw new DataError(
            `${this.#file}: row ${row} has ${record.length} fields, the first has ${columns.length}: write as many in each`,
          );
        }
        use(record, row++);
      }
      if (row !== next) throw new DataError(`${this.#file}: changed while it was read; read it again`);
    }
  }

  #number(field: string, row: number, column: number): number {
    const { delimiter, columns } = this.#layout;
    const text = field.trim();
    if (isNumber(text, delimiter)) return numberOf(text, delimiter);
    const where = `${this.#file}: row ${row}, column ${quoted(columns[column].name)}`;
    if (isMissing(text)) {
      throw new DataError(
        `${where} is ${text === "" ? "empty" : text}: fill or drop such rows, as pandas.read_csv(${JSON.stringify(this.#file)}).dropna().to_csv("data.csv", index=False) does`,
      );
    }
    throw new DataError(`${where} is ${JSON.stringify(text.slice(0, 40))}, which is no number: correct it`);
  }
}

const isMissing = (field: string): boolean => /^(|na|n\/a|nan|null|none|\?)$/i.test(field.trim());

const BOOLEANS: Readonly<Record<string, number>> = { true: 1, false: 0 };

function isNumber(field: string, delimiter?: string | RegExp): boolean {
  return !Number.isNaN(numberOf(field, delimiter));
}

/** Where semicolons separate fields, a comma may be the decimal point. */
function withPoint(field: string, delimiter?: string | RegExp): string {
  return delimiter === ";" && /^\s*[-+]?\d+,\d+\s*$/.test(field) ? field.replace(",", ".") : field;
}

/** NaN for other text. */
function numberOf(field: string, delimiter?: string | RegExp): number {
  const value = field.trim() === "" ? Number.NaN : Number(field);
  if (!Number.isNaN(value)) return value;
  const pointed = withPoint(field, delimiter);
  if (pointed !== field) return Number(pointed);
  return BOOLEANS[field.trim().toLowerCase()] ?? Number.NaN;
}
