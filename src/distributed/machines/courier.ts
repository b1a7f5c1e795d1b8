/**
 * Brings vectors between machines. Each machine has memory of the same layout. Before a node is given a message that names slots,
 * the courier of its machine copies them from the machine of the sender. A message whose slots cannot be brought is dropped as
 * if it had been lost: its sender sends it again.
 */
import type { Start } from "../../actor/behavior.js";
import { namedSlots } from "../../cluster/named-slots.js";
import type { Addresses } from "../../cluster/supervision/nodes.js";
import type { RoundProgram } from "../../strategies/rounds/replica.js";
import type { TensorStore } from "../../tensors/tensor-store.js";
import type { MappedRanges } from "../../transport/sockets/mapped-ranges.js";
import type { VectorClient } from "../../transport/sockets/vector-client.js";
import { TENSOR_MEMORY } from "../run-memory.js";
import type { Bring } from "./protocol.js";

const COURIER = "courier";

/** The node's side. @param node where the courier is */
export const courierFor =
  (node: string, tensors: TensorStore, program: RoundProgram, patience: number) => (addresses: Addresses) => {
    const courier = addresses.at<Bring>(node, `/${COURIER}`);
    return (from: string, message: unknown): Promise<boolean> | undefined => {
      const stretches = namedSlots(message, tensors, program).map(({ slot, bytes }) => {
        const place = tensors.place(slot);
        return { offset: place.offset, bytes: Math.min(bytes ?? place.bytes, place.bytes) };
      });
      if (stretches.length === 0) return undefined;
      return courier
        .ask<{ readonly here: boolean }>((replyTo) => ({ kind: "bring", from, stretches, replyTo }), patience)
        .then(
          ({ here }) => here,
          () => false,
        );
    };
  };

/** The machine's side. @param sourceOf the machine of a node; undefined for a node of this machine */
export function courier(
  ranges: MappedRanges,
  sourceOf: (node: string) => VectorClient | undefined,
): { readonly name: string; readonly start: Start<Bring> } {
  const bring = async ({ from, stretches }: Bring): Promise<void> => {
    const source = sourceOf(from);
    for (const { offset, bytes } of source ? stretches : []) {
      const target = ranges.of(TENSOR_MEMORY, offset, bytes);
      if (target) await source?.read(TENSOR_MEMORY, offset, target);
    }
  };
  const start: Start<Bring> = () => ({
    // Several nodes may wait for several machines at once.
    receive(message) {
      bring(message).then(
        () => message.replyTo.tell({ here: true }),
        () => message.replyTo.tell({ here: false }),
      );
    },
  });
  return { name: COURIER, start };
}
