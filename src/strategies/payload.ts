/** The bytes of a strategy's exchanges, as if each part were on a machine of its own. */
import type { Compressor } from "../collective/compress/compressor.js";
import { roundsOf } from "./rounds-of.js";
import type { Strategy } from "./strategy.js";

const FLOAT_BYTES = 4;

/** Bytes for one training image, without the work that is done again after a failure. */
export interface Payload {
  /** From the parts: their contributions. */
  readonly up: number;
  /** To the parts: the sum, or each contribution where the strategy asks for each. */
  readonly down: number;
}

/**
 * Of a run of `steps`: its rounds may differ.
 * @param length elements of a flat vector
 * @param compressor as what contributions travel; the sum travels as it is
 */
export function payloadOf(strategy: Strategy, length: number, steps: number, compressor?: Compressor): Payload {
  let [up, down, read] = [0, 0, 0];
  for (const { round, images } of roundsOf(strategy, steps)) {
    const bytes = bytesOf(strategy, length, round, compressor);
    up += bytes.up;
    down += bytes.down;
    read = images;
  }
  return { up: up / read, down: down / read };
}

/** Of one round. */
function bytesOf(strategy: Strategy, length: number, round: number, compressor?: Compressor): Payload {
  const { parts, phases = 1, needs } = strategy;
  const taking = strategy.participants?.(round).length ?? parts;
  const exchanges = Array.from({ length: phases }, (_, phase) => strategy.exchange?.(round, phase) ?? [{ length }]);
  const ranges = exchanges.flat();
  const total = (bytes: (elements: number) => number) => ranges.reduce((sum, range) => sum + bytes(range.length), 0);
  const plain = total((elements) => FLOAT_BYTES * elements);
  const sent = compressor ? total((elements) => compressor.bytes(elements)) : plain;
  return { up: sent * taking, down: plain * parts * (needs === "each" ? taking : 1) };
}
