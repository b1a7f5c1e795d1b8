/**
 * The slots that a message names and whose contents its receiver reads. On one machine they lie in memory that all nodes share.
 * Between machines they travel before the message is delivered; they come from the machine of the sender.
 */
import { type RoundProgram, replicaVectors } from "../strategies/rounds/replica.js";
import type { TensorStore } from "../tensors/tensor-store.js";
import type { ToCoordinator, ToWorker } from "./protocol.js";

/** A stretch of the tensor store. */
interface NamedSlot {
  readonly slot: number;
  /** Bytes from its begin that matter. Default: all. */
  readonly bytes?: number;
}

type Naming = Extract<
  ToWorker | ToCoordinator,
  { readonly kind: "advance" | "save" | "restore" | "computed" | "saved" }
>;

export function namedSlots(message: unknown, tensors: TensorStore, program: RoundProgram): NamedSlot[] {
  const naming = message as Naming;
  switch (naming?.kind) {
    case "computed":
      return [{ slot: naming.slot, bytes: naming.bytes }, ...slotsOf(tensors, tensors.next(naming.slot))];
    case "saved": {
      const { owner, set } = naming.snapshot;
      return tensors.snapshot(owner, set).map((slot) => ({ slot }));
    }
    case "restore": {
      const { owner, set } = naming.snapshot;
      return tensors
        .snapshot(owner, set)
        .slice(0, replicaVectors(program))
        .map((slot) => ({ slot }));
    }
    case "advance":
      return ofAdvance(naming, tensors, program);
    case "save":
      return program.local ? carriedBy(tensors, allParts(program), naming.round, 0, program.local) : [];
    default:
      return [];
  }
}

/** The sum, every contribution to it where each counts, and the local states of the parts to compute. */
function ofAdvance(
  { round, sum, parts }: Extract<Naming, { readonly kind: "advance" }>,
  tensors: TensorStore,
  program: RoundProgram,
): NamedSlot[] {
  const { local = 0, each = false } = program;
  const combined = sum === undefined ? [] : [{ slot: sum }];
  const contributions = each && sum !== undefined ? carriedBy(tensors, allParts(program), round, local, local + 1) : [];
  const tasks = parts.map(({ part }) => part);
  return [...combined, ...contributions, ...carriedBy(tensors, tasks, round, 0, local)];
}

const allParts = ({ parts }: RoundProgram): number[] => Array.from({ length: parts }, (_, part) => part);

const carriedBy = (tensors: TensorStore, parts: readonly number[], round: number, from: number, to: number) =>
  parts.flatMap((part) => slotsOf(tensors, tensors.carried(part, round).slice(from, to)));

const slotsOf = (tensors: TensorStore, vectors: readonly Float32Array[]): NamedSlot[] =>
  vectors.flatMap((vector) => tensors.indexOf(vector) ?? []).map((slot) => ({ slot }));
