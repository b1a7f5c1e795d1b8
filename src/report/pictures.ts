/**
 * Rows of a data set as pictures: scaled between the least and the greatest brightness of the data, in colour if the
 * data has colours.
 */
import type { Split } from "../data/dataset.js";
import { type ImageSet, strongestFilters, tileImages } from "./images.js";

/** The shape of a split whose rows are pictures. */
export type PictureShape = Pick<Split, "colour" | "range"> & { readonly shape: readonly [number, number] };

/** Pictures of values in the network's scale. */
export function picturesOf({ shape, colour, range = [0, 1] }: PictureShape, values: Float32Array): ImageSet {
  const [height, width] = shape;
  const [low, high] = range;
  const brightness = (value: number): number => (value - low) / (high - low || 1);
  if (!colour) return { width, height, pixels: values.map(brightness) };
  const place = placeOf(width * height, colour);
  const count = values.length / (width * height * colour.channels);
  const pixels = new Float32Array(count * width * height * 3);
  for (let at = 0; at < pixels.length; at++) pixels[at] = brightness(values[place(Math.floor(at / 3), at % 3)]);
  return { width, height, channels: 3, pixels };
}

/** Pictures above their reconstructions as a PNG, large enough to look at. */
export function comparisonPng(picture: PictureShape, sets: readonly Float32Array[]): Uint8Array {
  const images = sets.map((values) => picturesOf(picture, values));
  const [height, width] = picture.shape;
  const count = sets[0].length / (width * height * (picture.colour?.channels ?? 1));
  return tileImages(images, { columns: Math.min(10, count), gap: 4, zoom: 3 });
}

/** The largest weight vectors of a first layer as pictures; channels of colour pictures are averaged. */
export function filtersOf(
  { shape: [height, width], colour }: PictureShape,
  weight: Float32Array,
  outputs: number,
  most: number,
): ImageSet {
  return strongestFilters(
    colour ? meanOfColours(weight, width * height, outputs, colour) : weight,
    width,
    height,
    outputs,
    most,
  );
}

function meanOfColours(
  weight: Float32Array,
  size: number,
  outputs: number,
  colour: NonNullable<Split["colour"]>,
): Float32Array {
  const place = placeOf(size, colour);
  return Float32Array.from({ length: size * outputs }, (_, at) => {
    const [pixel, unit] = [Math.floor(at / outputs), at % outputs];
    return [0, 1, 2].reduce((sum, channel) => sum + weight[place(pixel, channel) * outputs + unit], 0) / 3;
  });
}

/** Index of a channel of a pixel, in pictures of `size` pixels one after the other. */
function placeOf(
  size: number,
  { channels, planar }: NonNullable<Split["colour"]>,
): (pixel: number, channel: number) => number {
  if (!planar) return (pixel, channel) => pixel * channels + channel;
  return (pixel, channel) => (Math.floor(pixel / size) * channels + channel) * size + (pixel % size);
}
