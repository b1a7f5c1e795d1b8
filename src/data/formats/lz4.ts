/** LZ4 frames (lz4_Frame_format.md 1.6), in which Arrow packs its buffers. A block may refer back to earlier ones. */
import { DataError } from "../../error.js";

const MAGIC = 0x184d2204;

/** @param size exact number of unpacked bytes */
export function decompressLz4Frame(input: Uint8Array, size: number): Uint8Array {
  const view = new DataView(input.buffer, input.byteOffset, input.length);
  if (input.length < 7 || view.getUint32(0, true) !== MAGIC) throw damaged();
  const flags = input[4];
  const hasChecksums = (flags & 0x10) !== 0;
  let at = 7 + (flags & 0x08 ? 8 : 0) + (flags & 0x01 ? 4 : 0);
  const output = new Uint8Array(size);
  let filled = 0;
  while (at + 4 <= input.length) {
    const word = view.getUint32(at, true);
    const length = word & 0x7fffffff;
    if (length === 0) break;
    const block = input.subarray(at + 4, at + 4 + length);
    if (block.length < length) throw damaged();
    if (word >>> 31) {
      if (filled + length > size) throw damaged();
      output.set(block, filled);
      filled += length;
    } else {
      filled = unpackBlock(block, output, filled);
    }
    at += 4 + length + (hasChecksums ? 4 : 0);
  }
  if (filled !== size) throw damaged();
  return output;
}

/** A run of literals and a match further back, again and again; returns where the output ends. */
function unpackBlock(block: Uint8Array, output: Uint8Array, start: number): number {
  let [from, to] = [0, start];
  const lengthOf = (nibble: number): number => {
    let length = nibble;
    if (nibble < 15) return length;
    for (let more = 255; more === 255; ) {
      if (from >= block.length) throw damaged();
      more = block[from++];
      length += more;
    }
    return length;
  };
  while (from < block.length) {
    const token = block[from++];
    const literals = lengthOf(token >> 4);
    if (from + literals > block.length || to + literals > output.length) throw damaged();
    output.set(block.subarray(from, from + literals), to);
    from += literals;
    to += literals;
    if (from >= block.length) break;
    if (from + 2 > block.length) throw damaged();
    const back = block[from] | (block[from + 1] << 8);
    from += 2;
    const length = lengthOf(token & 15) + 4;
    if (back === 0 || back > to || to + length > output.length) throw damaged();
    for (let i = 0; i < length; i++, to++) output[to] = output[to - back];
  }
  return to;
}

const damaged = (): DataError => new DataError("LZ4 data damaged");
