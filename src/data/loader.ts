/** Gathers batches on the host, for data that does not fit on the device. */
import { DawnpourError } from "../error.js";
import type { Split } from "./dataset.js";

/**
 * Copies rows `rows` of `split`, as stored, one after another into `out`: `rows.length x features` values of the type of
 * `split.images`.
 */
export function gatherRows<T extends Uint8Array | Float32Array>(
  split: Split & { readonly images: T },
  rows: Uint32Array,
  out: T,
): T {
  const { images, features, count } = split;
  if (out.length !== rows.length * features) {
    throw new DawnpourError(
      `gather rows: ${rows.length} rows of ${features} are ${rows.length * features} values, got room for ${out.length}`,
    );
  }
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i];
    if (row >= count) {
      throw new DawnpourError(`gather rows: row ${row} lies outside the data of ${count} rows`);
    }
    out.set(images.subarray(row * features, (row + 1) * features), i * features);
  }
  return out;
}
