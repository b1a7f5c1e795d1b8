/**
 * Writes snapshots to disk while training goes on. A snapshot stays in the tensor store, and no worker overwrites it,
 * until it is written. The checkpointer is an actor of its own and writes one snapshot at a time; a disk that fails
 * costs the checkpoint, not the run.
 */
import type { Start } from "../../actor/behavior.js";
import type { Ref } from "../../actor/ref.js";
import type { ReplicaVectors } from "../../strategies/rounds/replica.js";
import type { TensorStore } from "../../tensors/tensor-store.js";
import type { Snapshot } from "../protocol.js";
import type { ToJournal } from "./journal-protocol.js";

/** Writes a state and returns its path. */
export type SaveState = (round: number, state: ReplicaVectors) => Promise<string>;

export function checkpointer(
  tensors: TensorStore,
  save: SaveState,
): Start<{ readonly snapshot: Snapshot; readonly replyTo: Ref<ToJournal> }> {
  return () => ({
    async receive({ snapshot, replyTo }) {
      const { round, owner, set, scalars } = snapshot;
      try {
        const path = await save(round, { vectors: tensors.vectors(owner, set), scalars });
        replyTo.tell({ kind: "checkpointed", snapshot, path });
      } catch (error) {
        replyTo.tell({ kind: "checkpointed", snapshot, error });
      }
    },
  });
}
