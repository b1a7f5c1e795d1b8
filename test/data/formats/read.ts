/** A whole file through a format, for tests. */
import { bytesInMemory, type Format, type FormatOptions } from "../../../src/data/formats/format.js";

/** The only array of a file, with all of its rows. */
export async function readAll(format: Format, bytes: Uint8Array, file = "f", options: FormatOptions = {}) {
  const [{ shape, type, rows }, ...others] = await format.open(bytesInMemory(bytes), file, options);
  if (others.length > 0) throw new Error(`${others.length + 1} arrays`);
  return { shape, type, values: await rows(0, shape[0]) };
}
