/** The state of a replica, as a worker reports it to a new coordinator. */
import type { Collective } from "../../collective/collective.js";
import { digestOf } from "../../collective/digest.js";
import { type Replica, type RoundProgram, replicaVectors } from "../../strategies/rounds/replica.js";
import type { ReplicaState } from "../protocol.js";
import type { HeldLease } from "./held-lease.js";

/** @param held the lease of the coordinator before, if its rounds are not reported yet */
export async function replicaState(
  { strategy, collective }: { readonly strategy: RoundProgram; readonly collective: Collective },
  replica: Replica,
  held: HeldLease | undefined,
): Promise<ReplicaState> {
  const copies = Array.from({ length: replicaVectors(strategy) }, () => new Float32Array(strategy.length));
  const scalars = await replica.save(copies);
  const digest = await digestOf(collective, copies, scalars);
  return { digest, ...(held?.standing ?? { round: replica.round, losses: [], milliseconds: 0, holders: [] }) };
}
