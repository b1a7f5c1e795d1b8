/** Saves the state of a replica, and the local states of all parts, to a set of the worker's vectors in the tensor store. */
import { digestOf } from "../../collective/digest.js";
import { type Replica, type RoundProgram, replicaVectors } from "../../strategies/rounds/replica.js";
import type { VectorFabric } from "../fabric.js";
import type { Snapshot } from "../protocol.js";

interface SaveOptions extends Pick<VectorFabric, "tensors" | "collective"> {
  readonly index: number;
  readonly strategy: RoundProgram;
}

export async function saveSnapshot(
  { index: owner, strategy, tensors, collective }: SaveOptions,
  replica: Replica,
  round: number,
  set: number,
): Promise<Snapshot> {
  const vectors = tensors.vectors(owner, set);
  const [own, local] = [replicaVectors(strategy), strategy.local ?? 0];
  const scalars = await replica.save(vectors.slice(0, own));
  for (const [i, vector] of vectors.slice(own).entries()) {
    vector.set(tensors.carried(Math.floor(i / local), round)[i % local]);
  }
  return { round, owner, set, digest: await digestOf(collective, vectors, scalars), scalars };
}
