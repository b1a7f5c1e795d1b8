/**
 * The factor of stored values, decided here only, from the values of all splits together: bytes become brightnesses
 * from 0 to 1, numbers from 0 to 1 stay, picture values up to 255 count as bytes, everything else stays.
 */
import { DataError, UsageError } from "../error.js";
import type { Split } from "./dataset.js";

/** Rounding may put values this far outside of [0, 1]; they are then moved to its ends. */
const HAIR = 1e-6;

interface Range {
  readonly low: number;
  readonly high: number;
}

export interface Scaled {
  readonly splits: readonly Split[];
  readonly remarks: readonly string[];
}

/** `1/255`, `0.01` */
export function parseScale(text: string): number {
  const [, top, bottom = "1"] = /^([\d.eE+-]+)(?:\/([\d.eE+-]+))?$/.exec(text.trim()) ?? [];
  const scale = top === undefined ? Number.NaN : Number(top) / Number(bottom);
  if (Number.isFinite(scale) && scale > 0) return scale;
  throw new UsageError(`scale "${text.slice(0, 40)}": give a number above 0 or a fraction, as in 1/255`);
}

/**
 * Gives all `splits` the same scale; values slightly outside of [0, 1] may be moved. @param asked takes the place of
 * the decision
 */
export function settleScale(splits: readonly Split[], asked?: number): Scaled {
  const ranges = splits.map(({ images }) => rangeOf(images));
  const range = { low: Math.min(...ranges.map(({ low }) => low)), high: Math.max(...ranges.map(({ high }) => high)) };
  checkAlike(splits, ranges);
  const scale = asked ?? decide(splits[0], range);
  const [low, high] = [range.low * scale, range.high * scale];
  const isUnit = low >= -HAIR && high <= 1 + HAIR;
  const strays = isUnit && (low < 0 || high > 1);
  const kept = splits.map(({ images }) => (strays ? clamp(images, scale) : { images, moved: 0 }));
  const moved = kept.reduce((sum, one) => sum + one.moved, 0);
  const remarks =
    moved === 0
      ? []
      : [
          `${moved} ${moved === 1 ? "value" : "values"} within ${HAIR} outside [0, 1] ${moved === 1 ? "was" : "were"} moved to it`,
        ];
  return {
    splits: splits.map((split, i) => {
      const { images } = kept[i];
      return { ...split, images, scale, ...(!isUnit && { range: [low, high] as const }) };
    }),
    remarks,
  };
}

function decide({ images, shape, origin }: Split, { low, high }: Range): number {
  if (high <= 1 + HAIR && low >= -HAIR) return 1;
  if (images instanceof Uint8Array) return 1 / 255;
  if (!shape || low < 0) return 1;
  if (high <= 255) return 1 / 255;
  return origin?.type === "uint16" ? 1 / 65535 : 1;
}

/** Bytes in one split and numbers up to 1 in the other have no common scale. */
function checkAlike(splits: readonly Split[], ranges: readonly Range[]): void {
  const isUnit = ranges.map(({ low, high }) => low >= 0 && high <= 1 + HAIR && high > 0);
  const bytes = splits.findIndex(({ images }, i) => images instanceof Uint8Array && !isUnit[i]);
  const unit = splits.findIndex(({ images }, i) => images instanceof Float32Array && isUnit[i]);
  if (bytes < 0 || unit < 0) return;
  const from = (i: number) => splits[i].origin?.files[0] ?? `dataset: ${i === 0 ? "train" : "test"}`;
  throw new DataError(
    `${from(bytes)} holds bytes up to ${ranges[bytes].high}, ${from(unit)} numbers up to 1: store both the same way`,
  );
}

function rangeOf(values: Split["images"]): Range {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    if (values[i] < low) low = values[i];
    if (values[i] > high) high = values[i];
  }
  return { low, high };
}

/**
 * The values, with those outside of [0, 1] after scaling moved to its ends, and their number. The given array is not
 * changed.
 */
function clamp(values: Split["images"], scale: number): { readonly images: Split["images"]; readonly moved: number } {
  const images = values.slice();
  let moved = 0;
  for (let i = 0; i < images.length; i++) {
    const value = images[i] * scale;
    if (value >= 0 && value <= 1) continue;
    images[i] = value < 0 ? 0 : Math.fround(1 / scale);
    moved++;
  }
  return { images, moved };
}
