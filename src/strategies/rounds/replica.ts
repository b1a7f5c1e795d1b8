/**
 * Rounds as the coordinator and the workers see them: parts and vectors, whatever these mean. `gradient-rounds.ts` and
 * `bulk-rounds.ts` make such rounds from a strategy and a workload, `pipeline/driver.ts` makes them from a row of stages.
 *
 *     round r:  for each part p, the replica of some worker, in state r, contributes p
 *               the parts are combined in a fixed order
 *               every replica applies the result and is in state r + 1
 *
 * A part is a pure function of (state, local state, round, part): any worker may compute it, any number of times. So with the
 * fixed order the result depends neither on the number of workers nor on which of them fail.
 */

import type { Collective, Inspection } from "../../collective/collective.js";
import type { Dataset } from "../../data/dataset.js";
import type { Device, DeviceBuffer } from "../../device/device.js";
import type { Evaluation } from "../../training/evaluate.js";
import type { RoundPrivacy } from "../strategy.js";

/** The rounds of a run as its record and its files see them. */
export interface Rounds {
  /** Parts of every round. */
  readonly parts: number;
  /**
   * Vectors of a snapshot, all of one length: those of `Replica.save` in their order, then the local state of each part.
   * `names` has their names, `parameters` first.
   */
  readonly vectors: number;
  readonly names: readonly string[];
  /** Elements of a vector, both of the state and of a part. */
  readonly length: number;
  /** Number of vectors of the local state of a part. Default: 0. */
  readonly local?: number;
  /** Whether `apply` gets each contribution beside the combined one. Default: false. */
  readonly each?: boolean;
  /** The parts that take part in a round. Default: all. */
  participants?(round: number): readonly number[];
  /** What a round makes. Of rounds that belong together, each has an equal share. */
  advance(round: number): Advance;
  /** Training steps before `round`. */
  stepAt(round: number): number;
  /** Number of rounds that belong together: a run ends, and is saved, only after the last of them. Default: 1. */
  readonly exchanges?: number;
  /** See `Strategy.privacy`. */
  readonly privacy?: RoundPrivacy | undefined;
  /** The state that a run begins with; `parameters` take the place of random ones. */
  initialState(parameters?: Float32Array): ReplicaVectors;
}

export interface RoundProgram extends Rounds {
  /** Combines `parts` into `out`, in the order of their numbers. Resolves with what was seen of each part on the way. */
  combine(collective: Collective, parts: readonly Float32Array[], out: Float32Array): Promise<Inspection[]>;
  /** Whether workers may run rounds under a lease. If so, there is no local state, and all parts take part in every round. */
  readonly leases: boolean;
  /** The parts of a round that are enough: the first that arrive. Default: all that take part. */
  readonly quorum?: number;
  /** Whether the parts of `round` tell the loss of their images. Default: true. */
  tellsLoss?(round: number): boolean;
  /** Elements of a contribution to `round`. Default: `length`. */
  elements?(round: number): number;
  /** True: a part that is not finite is a failure of its worker. False: it can happen in a sound run. */
  readonly finite: boolean;
  /** How contributions are encoded when they are sent. Default: as they are. */
  readonly encoding?: Encoding;
}

/** Training steps, and images that all parts together read. */
export interface Advance {
  readonly steps: number;
  readonly images: number;
}

/** Rounds with the replicas that go through them, each on a `G`: a device, or a group of devices. */
export interface ReplicaProgram<G = Device> extends RoundProgram {
  /** A replica; in state 0 when it is restored to the initial state. */
  open(group: G, dataset: Pick<Dataset, "train" | "test">): Promise<Replica>;
}

/** How a contribution is read from the bytes that `Replica.encode` made of it. */
export interface Encoding {
  /** @param out memory for the elements of a contribution to `round` */
  decode(encoded: Uint8Array, out: Float32Array, round: number): void;
}

/** The state of a replica, without the number of its round. */
export interface ReplicaVectors {
  readonly vectors: readonly Float32Array[];
  /** The numbers of the state that are not in a vector. */
  readonly scalars: readonly number[];
}

/** The local state of a part: before the round, and after it. */
export interface LocalState {
  readonly now: readonly Float32Array[];
  readonly next: readonly Float32Array[];
}

/** Number of vectors of a replica's own state. In a snapshot the local state of the parts follows them. */
export const replicaVectors = ({ vectors, parts, local = 0 }: Rounds): number => vectors - parts * local;

/** The parts that take part in a round. */
export const partsOf = (program: Rounds, round: number): readonly number[] =>
  program.participants?.(round) ?? Array.from({ length: program.parts }, (_, part) => part);

/** The piece of a slot that a contribution takes; the slot itself where the contribution fills it. */
export function contributionIn(program: RoundProgram, round: number, slot: Float32Array): Float32Array {
  const elements = program.elements?.(round) ?? slot.length;
  return elements === slot.length ? slot : slot.subarray(0, elements);
}

/** The first round that has `step` training steps or more before it. */
export function roundAt(program: Pick<Rounds, "stepAt">, step: number): number {
  let round = 0;
  while (program.stepAt(round) < step) round++;
  return round;
}

/** One replica: a model, its parameters and the optimizer's state, on one device. One call at a time. */
export interface Replica {
  /** The round whose parts it can contribute, given its state. */
  readonly round: number;
  /** Computes a part of `round` into `out`, and `local.next` from `local.now`; resolves with its share of the loss. */
  contribute(part: number, out: Float32Array, local?: LocalState): Promise<number>;
  /**
   * Only where contributions are encoded. Encodes the whole vector that `contribute` wrote, and overwrites its beginning with
   * what `decode` will give. What the encoding loses is in `local.next`. Returns the bytes.
   */
  encode?(part: number, contribution: Float32Array, local: LocalState): Uint8Array;
  /**
   * As `contribute`, but resolves once the work is enqueued, with the buffer that will have the share of the loss. Called only
   * where the device computes in the memory of this process. Optional: a replica without it has `contribute` only.
   */
  enqueue?(part: number, out: Float32Array): Promise<DeviceBuffer<"f32">>;
  /**
   * Takes the state to the next round, by the combined parts of this one. The caller must not change `combined` until `settled`
   * resolves or the next part is contributed. Work of the device that changes `combined` may be enqueued at once: the device
   * does it later.
   */
  apply(
    combined: Float32Array,
    each?: (part: number) => Float32Array,
    /** The parts that are combined, where a quorum of them is. Default: all that take part. */
    arrived?: readonly number[],
  ): Promise<void>;
  /**
   * As `apply`, with a vector that may lie anywhere and change at once: `apply` may need one that lies in a slot. Optional: a
   * replica without it has an `apply` that does this.
   */
  applyCopy?(combined: Float32Array): Promise<void>;
  /**
   * Where rounds have one part: runs the next rounds by itself, `count` at most, as `contribute` and `apply` would. Resolves
   * with their losses. It stops before a round that is not finite, if `finite` asks for that. Optional: a replica without it
   * runs one round at a time.
   */
  runLeased?(count: number): Promise<readonly number[]>;
  /** Resolves when all that was applied is done on the device. */
  settled(): Promise<void>;
  /** Copies the state into `vectors`; returns the scalars. */
  save(vectors: readonly Float32Array[]): Promise<number[]>;
  restore(round: number, state: ReplicaVectors): void;
  /** The error over the test images, and over some of the training images where the replica has it. */
  evaluate(): Promise<Evaluation>;
  destroy(): void;
}
