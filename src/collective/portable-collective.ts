/**
 * The tree sum in plain TypeScript, with the bits of the native one. It is for simulations: it uses no threads, and is complete
 * when the call returns.
 */
import { checkParts } from "./check-parts.js";
import type { Collective, Inspection } from "./collective.js";

/** The bits of every sum that is NaN. */
const NOT_A_NUMBER = 0x7fc00000;
const INFINITY = 0x7f800000;

/**
 * The same operations in TypeScript, with the same bits.
 * @example
 * ```ts
 * import { PlainCollective } from "dawnpour/distributed";
 *
 * const sum = new Float32Array(2);
 * const inspections = await new PlainCollective().sum([Float32Array.of(1, 2), Float32Array.of(10, 20)], sum);
 * console.log(sum.join(" "), inspections.every(({ finite }) => finite)); // 11 22 true
 * ```
 */
export class PortableCollective implements Collective {
  async sum(parts: readonly Float32Array[], out: Float32Array): Promise<Inspection[]> {
    checkParts(parts, out);
    const inspections = parts.map(inspectNow);
    if (parts.length === 1) bitsOf(out).set(bitsOf(parts[0]));
    else out.set(treeSum(parts));
    if (parts.length > 1) replaceNaN(out);
    return inspections;
  }

  /** As `Collective.inspect`, in TypeScript. */
  async inspect(vector: Float32Array): Promise<Inspection> {
    checkParts([vector], vector);
    return inspectNow(vector);
  }
}

/** Level by level: neighbours are added; the last part of an odd level moves up unchanged. */
function treeSum(level: readonly Float32Array[]): Float32Array {
  if (level.length === 1) return level[0];
  const next: Float32Array[] = [];
  for (let i = 0; i < level.length; i += 2) {
    next.push(i + 1 < level.length ? level[i].map((value, at) => Math.fround(value + level[i + 1][at])) : level[i]);
  }
  return treeSum(next);
}

/** Gives every NaN the same bits, because chips differ in the bits of the NaN that they produce. */
function replaceNaN(vector: Float32Array): void {
  const bits = bitsOf(vector);
  for (let i = 0; i < vector.length; i++) {
    if (Number.isNaN(vector[i])) bits[i] = NOT_A_NUMBER;
  }
}

function inspectNow(vector: Float32Array): Inspection {
  const bits = bitsOf(vector);
  // The checksum is computed in two halves of 32 bits, because numbers are exact to 53 bits, and BigInt is slow.
  let [high, low] = [0, 0];
  let finite = true;
  for (let i = 0; i < bits.length; i++) {
    const weight = 2 * i + 1;
    // bits * weight = upper * 2^16 + lower, each below 2^48.
    const upper = (bits[i] >>> 16) * weight;
    const lower = (bits[i] & 0xffff) * weight + (upper % 2 ** 16) * 2 ** 16 + low;
    low = lower % 2 ** 32;
    high = (high + Math.floor(upper / 2 ** 16) + Math.floor(lower / 2 ** 32)) % 2 ** 32;
    if ((bits[i] & INFINITY) === INFINITY) finite = false;
  }
  return { checksum: (BigInt(high) << 32n) | BigInt(low), finite };
}

function bitsOf(vector: Float32Array): Uint32Array {
  return new Uint32Array(vector.buffer, vector.byteOffset, vector.length);
}
