/**
 * Compares the columns that a Parquet file describes with those that it holds. The library begins to read all columns
 * that it finds but awaits only those in the schema: another column that fails would be an unhandled rejection, which
 * ends the process.
 */
import type { FileMetaData, SchemaTree } from "hyparquet";
import { brief, DataError } from "../../error.js";

/** @throws DataError for a column without a name, with the name of another column, or missing in the schema */
export function checkColumns({ row_groups }: FileMetaData, schema: SchemaTree, file: string): void {
  const paths = new Set<string>();
  for (const path of leaves(schema)) {
    const key = keyOf(path, file);
    if (paths.has(key)) {
      throw new DataError(`${file}: two columns are called ${brief(path.join("."))}: give each a name of its own`);
    }
    paths.add(key);
  }
  for (const { columns } of row_groups) {
    const held = new Set<string>();
    for (const { meta_data } of columns) {
      const path = meta_data?.path_in_schema ?? [];
      const key = keyOf(path, file);
      if (held.has(key) || !paths.has(key)) {
        throw new DataError(
          `${file}: Parquet damaged: column ${brief(path.join("."))} is ${held.has(key) ? "there twice" : "not in its schema"}; write it again`,
        );
      }
      held.add(key);
    }
  }
}

function* leaves({ children, path }: SchemaTree): Generator<readonly string[]> {
  if (children.length === 0) yield path;
  for (const child of children) yield* leaves(child);
}

function keyOf(path: readonly unknown[], file: string): string {
  if (path.length === 0 || !path.every((name) => typeof name === "string")) {
    throw new DataError(`${file}: Parquet damaged: a column has no name; write it again`);
  }
  return JSON.stringify(path);
}
