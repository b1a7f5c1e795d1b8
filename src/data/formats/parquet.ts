/** Apache Parquet. Pictures as Hugging Face stores them, PNG in a struct, are decoded. Its library is loaded only when there is such a file. */
import { arraysOf } from "./columns.js";
import type { Format } from "./format.js";

const MAGIC = [0x50, 0x41, 0x52, 0x31]; // PAR1

export const PARQUET: Format = {
  name: "Parquet",
  endings: ["parquet", "pq"],
  recognises: (start) => MAGIC.every((byte, i) => start[i] === byte),
  async open(bytes, file, options) {
    const { parquetTable } = await import("./parquet-table.js");
    return arraysOf(await parquetTable(bytes, file), options);
  },
};
