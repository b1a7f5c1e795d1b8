/**
 * SHA-256 of bytes on their way to the disk. The bytes pass in chunks, and the disk lets the event loop run between two
 * chunks: a checkpoint of any size delays a training loop by one chunk at a time.
 */
import { createHash } from "node:crypto";
import { encodeSafetensors, type NamedTensor } from "./safetensors.js";

/** Bytes; a few milliseconds of hashing. */
const CHUNK = 1 << 20;

export class Digest {
  readonly #hash = createHash("sha256");
  #size = 0;

  /** The same bytes in chunks; each is digested when it is taken. */
  async *passing(parts: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const part of parts) {
      for (let start = 0; start < part.length; start += CHUNK) {
        const chunk = part.subarray(start, start + CHUNK);
        this.#hash.update(chunk);
        this.#size += chunk.length;
        yield chunk;
      }
    }
  }

  /** Bytes so far. */
  get size(): number {
    return this.#size;
  }

  /** The SHA-256 in hexadecimal; nothing can be added after it. */
  hex(): string {
    return this.#hash.digest("hex");
  }
}

/** SHA-256 of the concatenated parts, in hexadecimal. */
export function sha256(...parts: readonly Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const part of parts) {
    hash.update(part);
  }
  return hash.digest("hex");
}

/** SHA-256 of the numbers alone, in the order of a safetensors file of these tensors. */
export function tensorsSha256(tensors: readonly NamedTensor[]): string {
  const [, ...numbers] = encodeSafetensors(tensors);
  return sha256(...numbers);
}
