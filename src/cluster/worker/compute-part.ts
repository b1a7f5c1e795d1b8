/** A part, computed into memory of its worker; and the damage that tests put into it on purpose. */
import { joinInspections } from "../../collective/digest.js";
import { contributionIn, type Replica, type RoundProgram } from "../../strategies/replica.js";
import type { VectorFabric } from "../fabric.js";
import type { Computed, Damage } from "../protocol.js";

interface ComputeOptions extends Pick<VectorFabric, "tensors" | "collective"> {
  readonly index: number;
  readonly strategy: RoundProgram;
}

/** The report of a part that is computed. Its checksum covers the contribution and the local state. */
export async function computePart(
  { index, strategy, tensors, collective }: ComputeOptions,
  replica: Replica,
  part: number,
  damage: Damage | undefined,
): Promise<Pick<Computed, "slot" | "loss" | "checksum" | "fault">> {
  const { round } = replica;
  const slot = tensors.part(index, part, round);
  const out = contributionIn(strategy, round, tensors.slot(slot));
  const next = tensors.next(slot);
  const local = next.length > 0 ? { now: tensors.carried(part, round).slice(0, next.length), next } : undefined;
  const loss = await replica.contribute(part, out, local);
  if (damage?.how === "spoil") out[round % out.length] = Number.NaN;
  const inspections = await Promise.all([out, ...next].map((vector) => collective.inspect(vector)));
  const { checksum } = inspections.reduce(joinInspections);
  if (damage?.how === "flip") flipBit(out, round);
  return { slot, loss, checksum, fault: damage?.fault };
}

function flipBit(vector: Float32Array, seed: number): void {
  const words = new Uint32Array(vector.buffer, vector.byteOffset, vector.length);
  words[(seed * 7919) % words.length] ^= 1 << (seed % 32);
}
