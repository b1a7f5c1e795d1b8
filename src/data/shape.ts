/**
 * Whether a row is a picture, and its height, width and colours: from the dimensions of the array, or from the user.
 */
import { UsageError } from "../error.js";
import type { Colour, Split } from "./dataset.js";

type PictureShape = Pick<Split, "shape" | "colour">;

/** A row of this many values is taken for a picture of 28 x 28 by default: MNIST, and data sets like it. */
const FLAT_MNIST = 784;

/**
 * Pictures of `[n, h, w]`, `[n, h, w, 3]`, `[n, 3, h, w]`; nothing for other arrays. Dimensions of one do not count.
 */
export function guessShape(inner: readonly number[], pictures = false): PictureShape {
  const extents = inner.filter((extent) => extent > 1);
  if (extents.length === 1) return flatShape(extents[0], pictures);
  if (extents.length === 2) return { shape: [extents[0], extents[1]] };
  return (extents.length === 3 && colourShape(extents)) || {};
}

function flatShape(features: number, pictures: boolean): PictureShape {
  const side = Math.sqrt(features);
  return features === FLAT_MNIST || (pictures && Number.isInteger(side)) ? { shape: [side, side] } : {};
}

function colourShape([a, b, c]: readonly number[]): PictureShape | undefined {
  if (isChannels(c)) return { shape: [a, b], colour: { channels: c, planar: false } };
  if (isChannels(a)) return { shape: [b, c], colour: { channels: a, planar: true } };
  return undefined;
}

const isChannels = (extent: number): extent is Colour["channels"] => extent === 3 || extent === 4;

/** `28x28`, `32x32x3` (colours of a pixel side by side) or `3x32x32` (in planes); `none` for rows that are no pictures. */
export function parseShape(text: string): PictureShape {
  if (text === "none") return {};
  const extents = /^\d{1,6}(x\d{1,6}){1,2}$/.test(text) ? text.split("x").map(Number) : [];
  const shape = extents.length === 2 ? { shape: [extents[0], extents[1]] as const } : colourShape(extents);
  if (extents.length >= 2 && shape && extents.every((extent) => extent > 0)) return shape;
  throw new UsageError(
    `shape "${text.slice(0, 40)}": give height x width, as in 28x28, with colours as in 32x32x3 or 3x32x32, or none`,
  );
}

/** @throws UsageError when rows of `features` values are no such pictures */
export function checkShape({ shape, colour }: PictureShape, features: number, text: string): void {
  const needed = shape ? shape[0] * shape[1] * (colour?.channels ?? 1) : features;
  if (needed !== features) {
    throw new UsageError(
      `shape ${text} is ${needed} values a row, and the rows have ${features}: give one of ${features}`,
    );
  }
}
