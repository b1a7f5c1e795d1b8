/** The table in Apache Arrow IPC: columns in record batches, plain or packed by LZ4 or ZSTD. */
import {
  type Table as ArrowTable,
  type Codec,
  CompressionType,
  setCompressionCodec,
  Type,
  tableFromIPC,
} from "@uwdata/flechette";
import { decompressZstd } from "hyparquet-compressors";
import { DataError } from "../../error.js";
import { checkMetadata } from "./arrow-metadata.js";
import { cell, classesOf, columnOf, fillRow } from "./cells.js";
import type { Column, Table } from "./columns.js";
import type { Bytes } from "./format.js";
import { checkClaim, MOST_PER_BYTE_OF_RUNS, reasonOf } from "./limits.js";
import { decompressLz4Frame } from "./lz4.js";

const codec = (decode: (packed: Uint8Array, size: number) => Uint8Array): Codec => ({
  decode(packed: Uint8Array, size = 0) {
    checkClaim(size, packed.length, "a buffer", MOST_PER_BYTE_OF_RUNS);
    return decode(packed, size);
  },
  encode: (plain: Uint8Array) => plain,
});
setCompressionCodec(CompressionType.LZ4_FRAME, codec(decompressLz4Frame));
setCompressionCodec(
  CompressionType.ZSTD,
  codec((packed, size) => decompressZstd(packed, new Uint8Array(size))),
);

/** @throws DataError when it is damaged */
export async function arrowTable(bytes: Bytes, file: string): Promise<Table> {
  return describe(parsed(await bytes.read(0, bytes.size), file), bytes.size, file);
}

function parsed(bytes: Uint8Array, file: string): ArrowTable {
  return asData(file, () => {
    checkMetadata(bytes);
    return tableFromIPC(bytes, { useDate: false });
  });
}

function asData<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof DataError && error.message.startsWith(file)) throw error;
    throw new DataError(
      `${file}: Arrow data damaged or of a kind that is not read (${reasonOf(error)}); write it again`,
      {
        cause: error,
      },
    );
  }
}

const LISTS: readonly number[] = [Type.List, Type.FixedSizeList, Type.LargeList];
const NUMBERS: readonly number[] = [Type.Int, Type.Float, Type.Bool, Type.Decimal, Type.Dictionary];

function describe(table: ArrowTable, size: number, file: string): Table {
  const count = table.numRows;
  const children = table.children;
  const names = table.names.map(String);
  checkClaim(count * children.length, size, file);
  const at = (column: number, row: number): unknown => {
    const value: unknown = children[column].at(row);
    // Lists of bytes come as an array of bytes, as binary data does.
    return LISTS.includes(children[column].type.typeId) && value instanceof Uint8Array ? Array.from(value) : value;
  };
  const columns = names.map((name, i): Column => {
    const { typeId } = children[i].type;
    const example = count > 0 ? asData(file, () => at(i, 0)) : 0;
    const type = Object.keys(Type).find((key) => Type[key as keyof typeof Type] === typeId) ?? "unknown";
    const column = columnOf(name, example, type.toLowerCase(), file);
    const isNumber =
      column.width !== 1 || NUMBERS.includes(typeId) || column.kind !== "numbers" || LISTS.includes(typeId);
    return isNumber ? column : { ...column, kind: "other" };
  });
  return {
    file,
    count,
    columns,
    named: true,
    async values(wanted, start, end) {
      const chosen = wanted.map((i) => columns[i]);
      const width = chosen.reduce((sum, column) => sum + column.width, 0);
      checkClaim((end - start) * width * 4, size, file);
      const values = new Float32Array((end - start) * width);
      return asData(file, () => {
        const places = new Map(wanted.map((i) => [names[i], i]));
        for (let row = start; row < end; row++) {
          if (chosen.every((column) => column.width === 1 && column.kind === "numbers")) {
            for (const [position, i] of wanted.entries()) {
              values[(row - start) * width + position] = cell(at(i, row), row, names[i], file);
            }
          } else {
            fillRow(values, row - start, chosen, (name) => at(places.get(name) ?? 0, row), file);
          }
        }
        return values;
      });
    },
    async classes(column, start, end) {
      return asData(file, () => classesOf(Array.from({ length: end - start }, (_, i) => at(column, start + i))));
    },
  };
}
