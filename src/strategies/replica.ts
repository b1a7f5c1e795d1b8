/**
 * Rounds as coordinator and workers see them: parts and vectors, without what they mean. `gradient-rounds.ts` and
 * `bulk-rounds.ts` make them of a strategy and a workload, `pipeline/driver.ts` of a row of stages.
 *
 *     round r:  a replica in state r contributes part p, for each p of `parts`, each on some worker
 *               the parts are combined in a fixed order
 *               every replica applies the result and is in state r + 1
 *
 * A part is a pure function of (state, local state, round, part): any worker may compute it, again and again. That, and
 * the fixed order, is why a result does not depend on how many workers there are, or on which of them fail.
 */

import type { Collective, Inspection } from "../collective/collective.js";
import type { Dataset } from "../data/dataset.js";
import type { Device, DeviceBuffer } from "../device/device.js";
import type { Evaluation } from "../training/evaluate.js";

export interface RoundProgram {
  /** Parts of every round. */
  readonly parts: number;
  /** Training steps that one round makes. */
  readonly stepsPerRound: number;
  /**
   * Vectors of a snapshot, all of one length: those of `Replica.save` in their order, then the local state of each part.
   * `names` has their names, `parameters` first.
   */
  readonly vectors: number;
  readonly names: readonly string[];
  /** Elements of a vector, of the state and of a part. */
  readonly length: number;
  /** `out` = all parts, combined in an order that depends on nothing but their numbers; what each of them looked like. */
  combine(collective: Collective, parts: readonly Float32Array[], out: Float32Array): Promise<Inspection[]>;
  /** Vectors of the local state of a part. Default: 0. */
  readonly local?: number;
  /** Whether replicas are given every contribution beside what they are combined to. Default: false. */
  readonly each?: boolean;
  /** Whether workers may go through rounds without being told: then there is no local state, and all parts take part. */
  readonly leases: boolean;
  /** The parts that take part in a round. Default: all. */
  participants?(round: number): readonly number[];
  /** Elements of a contribution. Default: all. */
  elements?(round: number): number;
  /** Training steps before `round`. */
  stepAt(round: number): number;
  /** So many rounds belong together: a run ends, and is saved, after all of them only. Default: 1. */
  readonly exchanges?: number;
  /** Whether a part that is not finite is a failure of its worker, or may happen. */
  readonly finite: boolean;
  /** The state that a run begins with; `parameters` take the place of random ones. */
  initialState(parameters?: Float32Array): ReplicaVectors;
  /** A replica on a device; in state 0 when it is restored to the initial state. */
  open(device: Device, dataset: Pick<Dataset, "train" | "test">): Promise<Replica>;
}

/** All that has to be kept of a learner, but for the number of its round. */
export interface ReplicaVectors {
  readonly vectors: readonly Float32Array[];
  /** The little that is not a vector. */
  readonly scalars: readonly number[];
}

/** The local state of a part: before the round, and after it. */
export interface LocalState {
  readonly now: readonly Float32Array[];
  readonly next: readonly Float32Array[];
}

/** The vectors of a replica's own state: a snapshot has those of the parts after them. */
export const replicaVectors = ({ vectors, parts, local = 0 }: RoundProgram): number => vectors - parts * local;

/** The parts of a round. */
export const partsOf = (program: RoundProgram, round: number): readonly number[] =>
  program.participants?.(round) ?? Array.from({ length: program.parts }, (_, part) => part);

/** What of a slot a contribution takes: the same array where that is all of it. */
export function contributionIn(program: RoundProgram, round: number, slot: Float32Array): Float32Array {
  const elements = program.elements?.(round) ?? slot.length;
  return elements === slot.length ? slot : slot.subarray(0, elements);
}

/** The first round that begins with `step` steps done, or more. */
export function roundAt(program: RoundProgram, step: number): number {
  let round = Math.floor(step / program.stepsPerRound);
  while (round > 0 && program.stepAt(round - 1) >= step) round--;
  while (program.stepAt(round) < step) round++;
  return round;
}

/** One replica: a model, its parameters and the optimizer's state, on one device. One call at a time. */
export interface Replica {
  /** Its state: the round whose parts it can contribute. */
  readonly round: number;
  /** Computes a part of `round` into `out`, and `local.next` from `local.now`; resolves with its share of the loss. */
  contribute(part: number, out: Float32Array, local?: LocalState): Promise<number>;
  /**
   * As `contribute`, but resolves when that is enqueued, with the buffer that will have the share of the loss. Is asked of
   * learners on a device that computes in the memory of this process. Default: there is only `contribute`.
   */
  enqueue?(part: number, out: Float32Array): Promise<DeviceBuffer<"f32">>;
  /**
   * Goes on to the next round by the combined parts of this one. `combined` must stay as it is until `settled`, or until the
   * next part was contributed; what changes it in the order of the device may be enqueued at once.
   */
  apply(combined: Float32Array, each?: (part: number) => Float32Array): Promise<void>;
  /**
   * Where rounds have one part: goes through the next ones by itself, `count` at most, as `contribute` and `apply` would.
   * Resolves with their losses. It stops before a round that is not finite, if that is a failure. Default: one at a time.
   */
  lead?(count: number): Promise<readonly number[]>;
  /** Resolves when nothing of what was applied is still to be done. */
  settled(): Promise<void>;
  /** Copies the state into `vectors`; returns the scalars. */
  save(vectors: readonly Float32Array[]): Promise<number[]>;
  restore(round: number, state: ReplicaVectors): void;
  /** The error over the test images, and over some of the training images where that is at hand. */
  evaluate(): Promise<Evaluation>;
  destroy(): void;
}
