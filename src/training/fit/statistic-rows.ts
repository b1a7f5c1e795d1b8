/** Rows for the statistics of batch normalisation: a part of a batch normalises its rows by their own mean and deviation. */
import { UsageError } from "../../error.js";

/** A single row is its own mean: normalised, nothing is left of it. */
const FEWEST = 2;

/** Rows of a part by default. The deviation of a few rows is far from that of all. */
export const USUAL_ROWS = 32;

/** @throws UsageError when a part of a batch has a single row */
export function checkStatisticRows({ batch, parts = 1 }: { readonly batch: number; readonly parts?: number }): void {
  if (Math.floor(batch / parts) >= FEWEST) return;
  const what = parts === 1 ? `a batch of ${batch}` : `a batch of ${batch} in ${parts} parts`;
  throw new UsageError(
    `batch normalisation needs the mean and deviation of ${FEWEST} rows or more in each part, and ${what} leaves one row: give a batch of ${FEWEST * parts} or more, ${USUAL_ROWS * parts} is usual`,
  );
}
