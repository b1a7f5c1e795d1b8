/** Limits of a tree sum, the same for every `Collective`. */
import { DawnpourError } from "../error.js";

/** The most vectors in one sum. */
const MOST_PARTS = 2 ** 16;
/** The most elements of a vector. */
const MOST_ELEMENTS = 2 ** 31 - 1;

/**
 * @throws DawnpourError unless there are parts, each as long as `out`, and, if there are several, none shares memory
 *   with `out`
 */
export function checkParts(parts: readonly Float32Array[], out: Float32Array): void {
  if (parts.length < 1 || parts.length > MOST_PARTS) {
    throw new DawnpourError(`a tree sum has 1 to ${MOST_PARTS} parts, got ${parts.length}`);
  }
  if (out.length > MOST_ELEMENTS) {
    throw new DawnpourError(`a tree sum has at most ${MOST_ELEMENTS} elements, got ${out.length}`);
  }
  for (const [i, part] of parts.entries()) {
    if (part.length !== out.length) {
      throw new DawnpourError(`part ${i} of a tree sum has ${part.length} elements, but the result has ${out.length}`);
    }
    if (overlap(part, out) && !(parts.length === 1 && part.byteOffset === out.byteOffset)) {
      throw new DawnpourError(
        `part ${i} of a tree sum shares memory with the result; give the result memory of its own`,
      );
    }
  }
}

function overlap(a: Float32Array, b: Float32Array): boolean {
  return (
    a.buffer === b.buffer && a.byteOffset < b.byteOffset + b.byteLength && b.byteOffset < a.byteOffset + a.byteLength
  );
}
