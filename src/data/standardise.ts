/**
 * Standardizes the columns of a table: the mean of each is subtracted, and the rest divided by its standard deviation.
 * Otherwise, in a table of metres and prices, the prices decide the error and the optimizer's steps. Pictures stay as
 * they are: their pixels have one scale already.
 */
import { DataError } from "../error.js";
import type { Columns, Split } from "./dataset.js";

/** Whether a split is a table that needs it: no pictures, and values outside [0, 1]. */
export function needsStandardising(split: Split): boolean {
  return split.shape === undefined && !allInUnit(split);
}

/** Whether every value lies in [0, 1], as brightnesses and probabilities do. */
export function allInUnit({ images, scale }: Split): boolean {
  if (images instanceof Uint8Array && scale > 0 && scale <= 1 / 255) return true;
  return images.every((value) => value * scale >= 0 && value * scale <= 1);
}

/** Mean and deviation of the training rows only: test rows must not influence training. */
export function columnsOf({ images, count, features, scale }: Split): Columns {
  const mean = new Float64Array(features);
  const variance = new Float64Array(features);
  const each = (add: (value: number, column: number) => void): void => {
    for (let i = 0; i < count * features; i++) add(images[i] * scale, i % features);
  };
  each((value, column) => {
    mean[column] += value / count;
  });
  each((value, column) => {
    variance[column] += (value - mean[column]) ** 2 / count;
  });
  return { mean: [...mean], deviation: Array.from(variance, (value) => Math.sqrt(value) || 1) };
}

/** The same rows in standard deviations from the means; rows that are standardized already stay as they are. */
export function standardise(split: Split, columns: Columns): Split {
  if (split.columns) return split;
  const { images, scale, features } = split;
  if (columns.mean.length !== features || columns.deviation.length !== features) {
    throw new DataError(
      `rows of ${features} values cannot be standardised by the means of ${columns.mean.length} columns: give data with the same columns`,
    );
  }
  return { ...split, images: toDeviations(images, columns, scale), scale: 1, columns };
}

/** Rows of values, row-major, in standard deviations from the means. */
export function toDeviations(values: Split["images"], { mean, deviation }: Columns, scale = 1): Float32Array {
  const features = mean.length;
  return Float32Array.from(values, (value, i) => (value * scale - mean[i % features]) / deviation[i % features]);
}

/** The inverse of `toDeviations`. */
export function fromDeviations(values: Float32Array, { mean, deviation }: Columns): Float32Array {
  const features = mean.length;
  return values.map((value, i) => value * deviation[i % features] + mean[i % features]);
}
