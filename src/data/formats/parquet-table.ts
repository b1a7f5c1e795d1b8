/** The table in an Apache Parquet file: columns in row groups, read in ranges. */
import {
  type AsyncBuffer,
  type Compressors,
  type DecodedArray,
  type FileMetaData,
  parquetMetadataAsync,
  parquetRead,
  parquetReadObjects,
  parquetSchema,
  type SchemaTree,
} from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { DataError, DawnpourError } from "../../error.js";
import { cell, classesOf, columnOf, fillRow } from "./cells.js";
import type { Column, Table } from "./columns.js";
import type { Bytes, Labels, Values } from "./format.js";
import { checkClaim, MOST_PER_BYTE_OF_RUNS, reasonOf } from "./limits.js";
import { checkPages } from "./parquet-pages.js";
import { checkColumns } from "./parquet-schema.js";

/** @throws DataError when it is damaged */
export function parquetTable(bytes: Bytes, file: string): Promise<Table> {
  return damagedAsData(file, openParquet(bytes, file));
}

/** The library's decoders, which trust the size that a page claims. */
const checkedCompressors: Compressors = Object.fromEntries(
  Object.entries(compressors).map(([name, decompress]) => [
    name,
    (packed: Uint8Array, size: number) => {
      const runs = ["ZSTD", "BROTLI"].includes(name);
      checkClaim(size, packed.length, "a page", runs ? MOST_PER_BYTE_OF_RUNS : undefined);
      return decompress(packed, size);
    },
  ]),
);

/** The library fails in many ways on a damaged file. For the user they are one error. */
async function damagedAsData<T>(file: string, reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof DawnpourError && error.message.includes(file)) throw error;
    throw new DataError(`${file}: Parquet damaged or of a kind that is not read (${reasonOf(error)}); write it again`, {
      cause: error,
    });
  }
}

/** The file, read in ranges. */
function rangesOf(bytes: Bytes): AsyncBuffer {
  return {
    byteLength: bytes.size,
    async slice(start, end = bytes.size) {
      const part = await bytes.read(Math.max(0, start), Math.min(bytes.size, end));
      return part.buffer.slice(part.byteOffset, part.byteOffset + part.byteLength) as ArrayBuffer;
    },
  };
}

/** The file with its pages checked before the library sees them, and what awaits a reading of it. */
function checkedReads(buffer: AsyncBuffer, metadata: FileMetaData, file: string) {
  let failure: unknown;
  const checked: AsyncBuffer = {
    byteLength: buffer.byteLength,
    async slice(start, end) {
      // The library awaits some reads too late, so a rejection would end the process. Instead it gets no bytes, and throws later.
      try {
        const part = await buffer.slice(start, end);
        checkPages(new Uint8Array(part), start, metadata, buffer.byteLength, file);
        return part;
      } catch (error) {
        failure ??= error;
        return new ArrayBuffer(0);
      }
    },
  };
  const outcome = async <T>(reading: Promise<T>): Promise<T> => {
    const result = await reading.catch((error: unknown) => {
      throw failure ?? error;
    });
    if (failure !== undefined) throw failure;
    return result;
  };
  return { checked, read: <T>(reading: Promise<T>): Promise<T> => damagedAsData(file, outcome(reading)) };
}

async function openParquet(bytes: Bytes, file: string): Promise<Table> {
  const buffer = rangesOf(bytes);
  const metadata = await parquetMetadataAsync(buffer);
  const { checked, read } = checkedReads(buffer, metadata, file);
  const count = Number(metadata.num_rows);
  const place = { file: checked, metadata, compressors: checkedCompressors, utf8: false };
  const schema = parquetSchema(metadata);
  checkColumns(metadata, schema, file);
  const { children } = schema;
  checkClaim(count * children.length * 4, bytes.size, file);
  const scalars = new Set(
    children.filter(({ children: inner }) => inner.length === 0).map(({ element }) => element.name),
  );
  const objects = (columns: string[], rowStart: number, rowEnd: number) =>
    read(parquetReadObjects({ ...place, columns, rowStart, rowEnd }));
  const [example = {}] =
    count > 0
      ? await objects(
          children.map(({ element }) => element.name),
          0,
          1,
        )
      : [];
  const columns = children.map(({ element }, i) =>
    columnOf(element.name, example[element.name], typeName(children[i]), file),
  );
  const names = columns.map(({ name }) => name);
  return {
    file,
    count,
    columns,
    named: true,
    async values(wanted, start, end): Promise<Values> {
      const chosen = wanted.map((i) => columns[i]);
      const width = chosen.reduce((sum, column) => sum + column.width, 0);
      checkClaim((end - start) * width * 4, bytes.size, file);
      const values = new Float32Array((end - start) * width);
      if (chosen.every(({ name }) => scalars.has(name))) {
        await read(readScalars(place, chosen, start, end, values, file));
        return values;
      }
      const rows = await objects(
        chosen.map(({ name }) => name),
        start,
        end,
      );
      for (const [row, record] of rows.entries()) fillRow(values, row, chosen, (name) => record[name], file);
      return values;
    },
    async classes(column, start, end): Promise<Labels> {
      const rows = await objects([names[column]], start, end);
      return classesOf(rows.map((record) => record[names[column]]));
    },
  };
}

/** Columns of single numbers come in chunks, which go to their places at once: no record is made of them. */
async function readScalars(
  place: Omit<Parameters<typeof parquetRead>[0], "rowFormat" | "onComplete">,
  chosen: readonly Column[],
  rowStart: number,
  rowEnd: number,
  values: Float32Array,
  file: string,
): Promise<void> {
  const positions = new Map(chosen.map(({ name }, i) => [name, i]));
  let filled = 0;
  let failure: unknown;
  const take = ({ columnName, columnData, rowStart: first }: Chunk): void => {
    const position = positions.get(columnName);
    if (position === undefined) return;
    const end = Math.min(rowEnd, first + columnData.length);
    for (let row = Math.max(rowStart, first); row < end; row++) {
      values[(row - rowStart) * chosen.length + position] = cell(columnData[row - first], row, columnName, file);
      filled++;
    }
  };
  // An error that it throws would not reach the code that awaits the reading, but would end the process.
  const onChunk = (chunk: Chunk): void => {
    try {
      if (failure === undefined) take(chunk);
    } catch (error) {
      failure = error;
    }
  };
  await parquetRead({ ...place, columns: [...positions.keys()], rowStart, rowEnd, onChunk });
  if (failure !== undefined) throw failure;
  if (filled < values.length) throw new DataError(`${file}: holds fewer rows than it says; write it again`);
}

interface Chunk {
  readonly columnName: string;
  readonly columnData: DecodedArray;
  readonly rowStart: number;
}

function typeName({ element, children }: SchemaTree): string {
  const said = element.logical_type?.type ?? element.converted_type ?? element.type;
  return said === undefined ? (children.length > 0 ? "records" : "nothing") : String(said).toLowerCase();
}
