/** Handles vectors that are so short that their encoding could be longer than they are. */
import type { Compressor } from "./compressor.js";

const ELEMENT_BYTES = 4;

/** The same compressor, which has one exchange. If its encoding could be longer than the vector, the vector is sent as it is. */
export function asIsWhereShorter(compressor: Compressor): Compressor {
  const isShorter = (length: number): boolean => compressor.bytes(length, 0) >= ELEMENT_BYTES * length;
  return {
    ...compressor,
    bytes: (length, phase) => Math.min(ELEMENT_BYTES * length, compressor.bytes(length, phase)),
    encode(vector, out, context) {
      if (!isShorter(vector.length)) return compressor.encode(vector, out, context);
      out.set(new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength));
      return vector.byteLength;
    },
    decode(encoded, out, phase) {
      if (!isShorter(out.length)) return compressor.decode(encoded, out, phase);
      new Uint8Array(out.buffer, out.byteOffset, out.byteLength).set(encoded);
    },
  };
}
