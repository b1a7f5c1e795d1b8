/** Generated digits as a data set. */
import type { Dataset, Split } from "../dataset.js";
import { DIGIT_SIZE, generateDigits } from "./digits.js";

/** The default number of training digits: as many as MNIST has. */
export const DIGITS_TRAIN = 60000;

/** How many digits, and which. */
export interface DigitsOptions {
  /** Number of training images. There are a sixth as many test images. Default: 60,000, as in MNIST. */
  readonly count?: number;
  /** Default: 0. */
  readonly seed?: number;
  /** The most images of each split. */
  readonly limit?: number;
  /** Factor of grey values. Default: 1/255, which puts them in [0, 1]. */
  readonly scale?: number;
  /** Default: 28 x 28. */
  readonly picture?: Pick<Split, "shape" | "colour">;
}

/**
 * Images of 784 grey values from 0 to 255, with labels: the same for the same seed, on every machine.
 * @example
 * ```ts
 * import { data } from "dawnpour";
 *
 * const { train, test } = data.digitsDataset({ count: 12, seed: 1 });
 * console.log(train.images.length / 784, test.count); // 12 2
 * ```
 */
export function digitsDataset(options: DigitsOptions = {}): Dataset {
  const { count = DIGITS_TRAIN, seed = 0, limit = count, scale = 1 / 255 } = options;
  const picture = options.picture ?? { shape: [DIGIT_SIZE, DIGIT_SIZE] };
  const split = (stream: number, most: number): Split => {
    const rows = Math.min(limit, most);
    const features = DIGIT_SIZE * DIGIT_SIZE;
    return { ...generateDigits(seed, stream, 0, rows), count: rows, features, scale, ...picture };
  };
  return {
    name: "digits",
    reference: count === DIGITS_TRAIN ? "digits" : `digits:${count}`,
    source: `built-in generated digits (seed ${seed})`,
    train: split(0, count),
    test: split(1, Math.ceil(count / 6)),
  };
}
