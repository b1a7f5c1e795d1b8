/** The bytes of a strategy's exchanges, as if each part were on a machine of its own. */

import type { Strategy } from "../strategy.js";
import type { CheckedCompressor } from "./checked-compressor.js";
import { roundsOf } from "./rounds-of.js";

const FLOAT_BYTES = 4;

/** Bytes for one training image, without the work that is done again after a failure. */
export interface Payload {
  /** From the parts: their contributions. */
  readonly up: number;
  /** To the parts: the sum, or each contribution where the strategy asks for each. */
  readonly down: number;
}

/**
 * The average of a run of `steps`, because its rounds may differ.
 * @param length elements of a flat vector
 * @param compressor encodes the contributions: the figure is the most bytes. Their sum is sent as it is
 */
export function payloadOf(strategy: Strategy, length: number, steps: number, compressor?: CheckedCompressor): Payload {
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
function bytesOf(strategy: Strategy, length: number, round: number, compressor?: CheckedCompressor): Payload {
  const { parts, phases = 1, needs } = strategy;
  // A part that goes on from what it has gets nothing.
  const reads = strategy.reads?.(round) ?? true;
  const taking = strategy.participants?.(round).length ?? parts;
  const exchanges = Array.from({ length: phases }, (_, phase) => strategy.exchange?.(round, phase) ?? [{ length }]);
  const plain = FLOAT_BYTES * sumOf(exchanges.flat().map((range) => range.length));
  const all = (of: (phase: number) => number) =>
    sumOf(Array.from({ length: compressor?.phases ?? 0 }, (_, i) => of(i)));
  const sent = compressor ? all((phase) => compressor.bytes(phase)) : plain;
  const added = compressor ? all((phase) => FLOAT_BYTES * compressor.elements(phase)) : plain;
  return { up: sent * taking, down: reads ? added * parts * (needs === "each" ? taking : 1) : 0 };
}

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0);
