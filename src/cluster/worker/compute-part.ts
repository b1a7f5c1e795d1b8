/** Computes a part into memory of the worker, and damages it where fault injection asks for that. */
import { joinInspections } from "../../collective/digest.js";
import { contributionIn, type Replica, type RoundProgram } from "../../strategies/rounds/replica.js";
import type { VectorFabric } from "../fabric.js";
import type { Computed, Damage } from "../protocol.js";

interface ComputeOptions extends Pick<VectorFabric, "tensors" | "collective"> {
  readonly index: number;
  readonly strategy: RoundProgram;
}

/**
 * Computes a part into its slot, encoded if the strategy has a compressor, and returns the report. The checksum covers the
 * decoded contribution and the local state.
 */
export async function computePart(
  { index, strategy, tensors, collective }: ComputeOptions,
  replica: Replica,
  part: number,
  damage: Damage | undefined,
): Promise<Pick<Computed, "slot" | "bytes" | "loss" | "checksum" | "fault">> {
  const { round } = replica;
  const slot = tensors.part(index, part, round);
  const space = tensors.slot(slot);
  const out = contributionIn(strategy, round, space);
  const next = tensors.next(slot);
  const local = next.length > 0 ? { now: tensors.carried(part, round).slice(0, next.length), next } : undefined;
  // Before it is encoded, a contribution is a whole vector.
  const contribution = strategy.encoding ? space : out;
  const loss = await replica.contribute(part, contribution, local);
  if (damage?.how === "spoil") contribution[round % contribution.length] = Number.NaN;
  const encoded = local && replica.encode?.(part, contribution, local);
  const inspections = await Promise.all([out, ...next].map((vector) => collective.inspect(vector)));
  const { checksum } = inspections.reduce(joinInspections);
  if (encoded) new Uint8Array(space.buffer, space.byteOffset, encoded.length).set(encoded);
  const bytes = encoded?.length ?? out.byteLength;
  if (damage?.how === "flip") flipBit(space.subarray(0, Math.max(1, bytes >> 2)), round);
  return { slot, bytes, loss, checksum, fault: damage?.fault };
}

function flipBit(vector: Float32Array, seed: number): void {
  const words = new Uint32Array(vector.buffer, vector.byteOffset, vector.length);
  words[(seed * 7919) % words.length] ^= 1 << (seed % 32);
}
