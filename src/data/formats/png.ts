/** PNG pictures: grey or colour, 8 or 16 bits a value. A palette is looked up; transparent pixels count as opaque. */
import { convertIndexedToRgb, type DecodedPng, decode, hasPngSignature } from "fast-png";
import { DataError } from "../../error.js";
import { checkClaim, reasonOf } from "./limits.js";

interface Picture {
  /** [height, width], or [height, width, 3] in colour. */
  readonly shape: readonly number[];
  readonly type: "uint8" | "uint16";
  readonly values: Uint8Array | Int32Array;
}

export const isPng = (bytes: Uint8Array): boolean => bytes.length > 8 && hasPngSignature(bytes);

/** @throws DataError when it is no PNG, or damaged */
export function decodePicture(bytes: Uint8Array, file: string): Picture {
  if (!isPng(bytes)) throw new DataError(`${file}: not a PNG picture; leave it out, or save it as PNG`);
  checkHeader(bytes, file);
  try {
    return opaque(decode(bytes, { checkCrc: true }), file);
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw new DataError(`${file}: PNG damaged or cut short (${reasonOf(error)}); fetch or write it again`);
  }
}

/** Checks the header, which decides how much memory the decoder takes. */
function checkHeader(bytes: Uint8Array, file: string): void {
  if (bytes.length < 33) throw new DataError(`${file}: PNG cut short; fetch or write it again`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const [width, height, depth] = [view.getUint32(16), view.getUint32(20), view.getUint8(24)];
  checkClaim(width * height * 4 * Math.max(1, depth / 8), bytes.length, file);
}

function opaque(png: DecodedPng, file: string): Picture {
  const { width, height, depth, palette } = png;
  const data = palette ? convertIndexedToRgb(png) : spread(png);
  const channels = data.length / (width * height);
  const kept = channels >= 3 ? 3 : 1;
  if (![1, 2, 3, 4].includes(channels)) throw new DataError(`${file}: PNG damaged: ${channels} values a pixel`);
  const wide = depth === 16;
  const values = wide ? new Int32Array(width * height * kept) : new Uint8Array(width * height * kept);
  for (let pixel = 0; pixel < width * height; pixel++) {
    for (let c = 0; c < kept; c++) values[pixel * kept + c] = data[pixel * channels + c];
  }
  return { shape: kept === 1 ? [height, width] : [height, width, 3], type: wide ? "uint16" : "uint8", values };
}

/** Unpacks grey of less than 8 bits, whose rows begin on a byte, to bytes from 0 to 255. */
function spread({ data, depth, width, height }: DecodedPng): ArrayLike<number> {
  if (depth >= 8) return data;
  const values = new Uint8Array(width * height);
  const stride = Math.ceil((width * depth) / 8);
  const most = 2 ** depth - 1;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const bit = x * depth;
      const packed = data[y * stride + (bit >> 3)] >> (8 - depth - (bit & 7));
      values[y * width + x] = Math.round(((packed & most) * 255) / most);
    }
  }
  return values;
}
