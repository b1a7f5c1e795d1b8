/**
 * Pictures as PNG: sets of small images on a sheet. The grey palette shows brightness. The diverging palette shows
 * signed values: the hue gives the sign (blue below, orange above: every kind of colour vision can tell them apart),
 * the opacity the size, so that zero shows the background, light or dark.
 */
import { encode } from "fast-png";
import { UsageError } from "../error.js";

/** `[count, width * height * channels]`, row-major. */
export interface ImageSet {
  readonly width: number;
  readonly height: number;
  /** Red, green and blue of a pixel beside one another; default 1. */
  readonly channels?: 1 | 3;
  /** Bytes from 0 to 255, or numbers: brightness in [0, 1], or signed values for the diverging palette. */
  readonly pixels: Uint8Array | Float32Array;
}

export type Palette = "grey" | "diverging";

export interface SheetOptions {
  /** Images side by side. */
  readonly columns: number;
  /** Transparent pixels between images; default 2. */
  readonly gap?: number;
  /** Size of an image's pixel on the sheet, a whole number; default 1. */
  readonly zoom?: number;
  readonly palette?: Palette;
}

type Colour = readonly [red: number, green: number, blue: number, alpha: number];

/** Values of one image. */
export const imageSize = ({ width, height, channels = 1 }: ImageSet): number => width * height * channels;

export const imageCount = (set: ImageSet): number => set.pixels.length / imageSize(set);

/**
 * A PNG of all images, `columns` to a row. Several sets of the same shape alternate row by row: originals, below them
 * their reconstructions, then the next originals.
 * @throws UsageError when the sets differ in shape, are empty or hold no whole number of images
 */
export function tileImages(sets: readonly ImageSet[], options: SheetOptions): Uint8Array {
  const { columns, gap = 2, zoom = 1, palette = "grey" } = options;
  checkSets(sets);
  for (const [name, value, least] of [
    ["columns", columns, 1],
    ["zoom", zoom, 1],
    ["gap", gap, 0],
  ] as const) {
    if (!Number.isSafeInteger(value) || value < least) {
      throw new UsageError(`image sheet: ${name} must be a whole number from ${least}, got ${value}`);
    }
  }
  const { width, height } = sets[0];
  const bands = Math.ceil(imageCount(sets[0]) / columns);
  const sheetWidth = columns * (width * zoom + gap) - gap;
  const sheetHeight = bands * sets.length * (height * zoom + gap) - gap;
  const data = new Uint8Array(sheetWidth * sheetHeight * 4);
  for (const [s, set] of sets.entries()) {
    for (let image = 0; image < imageCount(set); image++) {
      const left = (image % columns) * (width * zoom + gap);
      const top = (Math.floor(image / columns) * sets.length + s) * (height * zoom + gap);
      const colour = colourOf(set, image, palette);
      for (let y = 0; y < height * zoom; y++) {
        for (let x = 0; x < width * zoom; x++) {
          const pixel = colour(Math.floor(y / zoom) * width + Math.floor(x / zoom));
          data.set(pixel, 4 * ((top + y) * sheetWidth + left + x));
        }
      }
    }
  }
  return encode({ width: sheetWidth, height: sheetHeight, data, channels: 4, depth: 8 });
}

/** A PNG as a data URI. */
export function dataUri(png: Uint8Array): string {
  return `data:image/png;base64,${Buffer.from(png).toString("base64")}`;
}

function checkSets(sets: readonly ImageSet[]): void {
  if (sets.length === 0) throw new UsageError("image sheet: needs at least one set of images, got none");
  for (const set of sets) {
    const images = imageCount(set);
    if (!Number.isSafeInteger(images) || images < 1) {
      throw new UsageError(
        `image sheet: ${set.pixels.length} pixels are no whole number of ${set.width} x ${set.height} images`,
      );
    }
    const isAlike = set.width === sets[0].width && imageSize(set) === imageSize(sets[0]);
    if (!isAlike || images !== imageCount(sets[0])) {
      throw new UsageError("image sheet: the sets must hold as many images of the same size");
    }
  }
}

/** The colour of pixel `at` of one image. */
function colourOf(set: ImageSet, image: number, palette: Palette): (at: number) => Colour {
  const { pixels, channels = 1 } = set;
  const values = pixels.subarray(image * imageSize(set), (image + 1) * imageSize(set));
  if (palette === "grey") {
    const scale = pixels instanceof Uint8Array ? 1 : 255;
    const byte = (at: number): number => Math.round(Math.min(255, Math.max(0, values[at] * scale)));
    if (channels === 3) return (at) => [byte(3 * at), byte(3 * at + 1), byte(3 * at + 2), 255];
    return (at) => [byte(at), byte(at), byte(at), 255];
  }
  // Each image has its own scale, so that its shape shows.
  let largest = Number.MIN_VALUE;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  return (at) => {
    const alpha = Math.round((255 * Math.abs(values[at])) / largest);
    return values[at] < 0 ? [38, 110, 205, alpha] : [222, 104, 18, alpha];
  };
}

/**
 * The `most` columns of a first layer's weight `[width * height, outputs]` with the largest norm, as images: the
 * pattern that each unit responds to.
 */
export function strongestFilters(
  weight: Float32Array,
  width: number,
  height: number,
  outputs: number,
  most: number,
): ImageSet {
  const inputs = width * height;
  const norms = new Float64Array(outputs);
  for (let at = 0; at < inputs * outputs; at++) norms[at % outputs] += weight[at] ** 2;
  const ranked = Array.from(norms.keys()).sort((a, b) => norms[b] - norms[a] || a - b);
  const chosen = ranked.slice(0, most);
  const pixels = new Float32Array(chosen.length * inputs);
  for (const [i, unit] of chosen.entries()) {
    for (let pixel = 0; pixel < inputs; pixel++) pixels[i * inputs + pixel] = weight[pixel * outputs + unit];
  }
  return { width, height, pixels };
}
