/** The pages of a Parquet file say how many values they hold, and the library makes room for as many: so they are looked at before it does. */
import type { FileMetaData } from "hyparquet";
import { deserializeTCompactProtocol } from "hyparquet/src/thrift.js";
import { checkClaim } from "./limits.js";

/** Bytes that a value takes while it is decoded. */
const PER_VALUE = 8;

/** What of a page's header counts here, by the numbers of its fields in parquet.thrift. */
interface PageHeader {
  /** Bytes of the page. */
  readonly field_3?: number;
  /** Of a data page, a dictionary and a data page of version 2: how many values there are. */
  readonly field_5?: { readonly field_1?: number };
  readonly field_7?: { readonly field_1?: number };
  readonly field_8?: { readonly field_1?: number };
}

/**
 * Looks at the pages of all columns that lie within `bytes`, which begin at `start` of a file of `size` bytes.
 * @throws DataError for a page that claims more values than such a file can hold
 */
export function checkPages(
  bytes: Uint8Array,
  start: number,
  { row_groups }: FileMetaData,
  size: number,
  file: string,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (const { meta_data } of row_groups.flatMap(({ columns }) => columns)) {
    if (!meta_data) continue;
    const first = Number(meta_data.dictionary_page_offset || meta_data.data_page_offset) - start;
    const end = Math.min(first + Number(meta_data.total_compressed_size), bytes.length);
    if (first < 0 || first >= bytes.length) continue;
    const reader = { view, offset: first };
    while (reader.offset < end - 1) {
      const header: PageHeader = deserializeTCompactProtocol(reader);
      const values = [header.field_5, header.field_7, header.field_8].map((page) => page?.field_1 ?? 0);
      checkClaim(Math.max(...values) * PER_VALUE, size, file);
      reader.offset += Math.max(0, header.field_3 ?? 0);
    }
  }
}
