/** The bytes of a strategy's exchanges, as if each part were on a machine of its own. */
import type { Compressor } from "../collective/compress/compressor.js";
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
 * Of the first round.
 * @param length elements of a flat vector
 * @param compressor as what contributions travel; the sum travels as it is
 */
export function payloadOf(strategy: Strategy, length: number, compressor?: Compressor): Payload {
  const { parts, phases = 1, needs } = strategy;
  const taking = strategy.participants?.(0).length ?? parts;
  const exchanges = Array.from({ length: phases }, (_, phase) => strategy.exchange?.(0, phase) ?? [{ length }]);
  const ranges = exchanges.flat();
  const total = (bytes: (elements: number) => number) => ranges.reduce((sum, range) => sum + bytes(range.length), 0);
  const plain = total((elements) => FLOAT_BYTES * elements);
  const sent = compressor ? total((elements) => compressor.bytes(elements)) : plain;
  const { samples } = strategy.advance(0);
  const up = (sent * taking) / samples;
  const down = (plain * parts * (needs === "each" ? taking : 1)) / samples;
  return { up, down };
}
