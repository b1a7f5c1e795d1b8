/** Checks the pages of a Parquet file before the library allocates memory for the number of values that they claim. */
import type { FileMetaData } from "hyparquet";
import { deserializeTCompactProtocol } from "hyparquet/src/thrift.js";
import { checkClaim } from "./limits.js";

/** Bytes of a value while it is decoded. */
const PER_VALUE = 8;

/** The relevant fields of a page header, by their numbers in parquet.thrift. */
interface PageHeader {
  /** Bytes of the page. */
  readonly field_3?: number;
  /** Number of values of a data page, a dictionary, and a data page of version 2. */
  readonly field_5?: { readonly field_1?: number };
  readonly field_7?: { readonly field_1?: number };
  readonly field_8?: { readonly field_1?: number };
}

/**
 * Checks the pages of all columns within `bytes`, which begin at `start` of a file of `size` bytes.
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
