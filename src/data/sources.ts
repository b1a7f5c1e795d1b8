/**
 * Makes a data set from arrays in files: rows are read, held out, scaled and checked in the same way for every format.
 */
import { basename } from "node:path";
import type { Dataset } from "./dataset.js";
import type { FormatOptions } from "./formats/format.js";
import { settleScale } from "./scale.js";
import { checkAgreement, checkSource, keptRows, numberClasses, readSplit, type Source } from "./split.js";

/** The user's options for rows, whatever their format. */
export interface RowOptions extends FormatOptions {
  /** The most rows of each split; the rows after them are not read. */
  readonly limit?: number;
  /** Factor of values; default: from the values. */
  readonly scale?: number;
  /** `28x28`, of pictures; default: from the array. */
  readonly shape?: string;
}

export interface Sources {
  readonly train: Source;
  /** Default: the last tenth of `train`. */
  readonly test?: Source;
  readonly remarks?: readonly string[];
}

/**
 * @param where names the source in errors and for display
 * @throws DataError when the rows cannot be trained on, or the test rows are of another kind
 */
export async function toDataset(
  name: string,
  where: string,
  { train, test, remarks = [] }: Sources,
  { limit = Number.MAX_SAFE_INTEGER, scale, shape }: RowOptions,
): Promise<Dataset> {
  checkSource(train);
  if (test) checkSource(test);
  const [all] = train.values.shape;
  const kept = test ? all : keptRows(all, train.files[0]);
  const begin = test ? 0 : kept;
  const end = test ? test.values.shape[0] : all;
  const read = [
    await readSplit(train, 0, Math.min(kept, limit), shape),
    await readSplit(test ?? train, begin, Math.min(end, begin + limit), shape),
  ];
  const settled = settleScale(numberClasses(read), scale);
  const [trained, tested] = settled.splits;
  checkAgreement(trained, tested, where);
  const said = [...remarks, ...read.flatMap((one) => one.remarks), ...settled.remarks];
  return {
    name,
    source: test
      ? where
      : `${train.files.map((file, i) => (i === 0 ? file : basename(file))).join(", ")} (${all} rows, the last tenth held out as test)`,
    train: trained,
    test: tested,
    ...(said.length > 0 && { remarks: [...new Set(said)] }),
  };
}
