/** What a search varies: keys of the configuration, each with the values that it may take. */
import { brief, UsageError, unknownWord } from "../error.js";
import { CONFIG_KEYS, checkOptions, type TrainingConfig, type TrainingOptions } from "../training/config/config.js";

/** Numbers between two ends. They are spread evenly over the logarithm if both ends are above 0. */
export interface SearchRange {
  readonly from: number;
  readonly to: number;
}

/** The values that a key may take. */
export type SearchAxis = readonly unknown[] | SearchRange;

/** Keys of the configuration that are the same for all candidates: the data, what is learned, the length of a run, its seed. */
const COMMON = [
  ...["dataset", "limit", "scale", "shape", "label", "standardise", "columns", "initial", "seed"],
  ...["task", "model", "rowFacts"],
  ...["epochs", "steps", "evaluateEvery", "checkpointEvery", "keep", "parts", "strategy", "compress", "arithmetic"],
] as const satisfies readonly (keyof TrainingConfig)[];

/** A key that may vary. */
export type SearchKey = Exclude<keyof TrainingConfig, (typeof COMMON)[number]>;

/** The keys that vary, each with its values. */
export type SearchSpace = Readonly<Partial<Record<SearchKey, SearchAxis>>>;

/** Keys whose numbers are whole. */
const WHOLE: readonly string[] = ["batch", "warmup", "decayEvery"] satisfies SearchKey[];

/** What a candidate changes of the options that all share. */
export type Candidate = Readonly<Pick<TrainingOptions, SearchKey>>;

/** Whether an axis is a range of numbers. */
export const isRange = (axis: SearchAxis): axis is SearchRange => !Array.isArray(axis);

/** @throws UsageError for a space without keys, a key that cannot vary, an axis without values, a value that the key refuses */
export function checkSpace(space: SearchSpace): void {
  const axes = Object.entries(space) as [string, SearchAxis][];
  if (axes.length === 0) throw new UsageError("a search varies something: write --vary lr=0.0003..0.01");
  const known: string[] = CONFIG_KEYS.filter((key) => !(COMMON as readonly string[]).includes(key));
  for (const [key, axis] of axes) {
    if ((COMMON as readonly string[]).includes(key)) {
      throw new UsageError(`a search cannot vary ${key}: all candidates share it`);
    }
    if (!known.includes(key)) throw unknownWord("key to vary", key, known);
    for (const value of extremes(key, axis)) checkOptions({ [key]: value }, `values of ${key}`);
  }
}

function extremes(key: string, axis: SearchAxis): readonly unknown[] {
  if (!isRange(axis)) {
    if (axis.length === 0) throw new UsageError(`${key} has no value to take: write --vary ${key}=VALUE,VALUE`);
    return axis;
  }
  const { from, to } = axis;
  if (!(Number.isFinite(from) && Number.isFinite(to) && from < to)) {
    throw new UsageError(`the range of ${key} is from a number to a larger one, got ${brief(from)}..${brief(to)}`);
  }
  return [from, to];
}

/** The value of an axis at `place` in [0, 1). */
export function valueAt(key: string, axis: SearchAxis, place: number): unknown {
  if (!isRange(axis)) return axis[Math.floor(place * axis.length)];
  const { from, to } = axis;
  const value = from > 0 ? from * (to / from) ** place : from + (to - from) * place;
  return WHOLE.includes(key) ? Math.round(value) : Number(value.toPrecision(3));
}
