/**
 * Messages between coordinator and workers; `journal/journal-protocol.ts` has those to the journal. A message may be lost,
 * doubled or late. So every message carries its term, a receiver ignores messages of a term that is over, and handling a
 * message twice does no harm.
 *
 * A term is one undisturbed stretch of a coordinator's work: a new coordinator and a roll-back each begin a new one.
 */
import type { Ref } from "../actor/ref.js";
import type { Slowdown } from "../faults/definition.js";
import type { Evaluation } from "../training/evaluate.js";
import type { JournalState } from "./journal/journal-protocol.js";

/** A saved state of the replicas in the tensor store; a roll-back can return to it. */
export interface Snapshot {
  readonly round: number;
  /** The worker whose memory holds it, or `ORIGIN`. */
  readonly owner: number;
  /** The set of the owner's vectors in the tensor store. */
  readonly set: number;
  /** Digest of its vectors and scalars. */
  readonly digest: string;
  readonly scalars: readonly number[];
}

/** Damage that fault injection does to a gradient: `flip` flips a bit, `spoil` makes an element NaN. */
export type Corruption = "flip" | "spoil";

/** Damage of the next gradient. */
export interface Damage {
  readonly how: Corruption;
  /** Id of the fault, for the record of its consequences. */
  readonly fault?: number;
}

/** A part to compute. A part whose result was damaged is computed again, as the next attempt. */
export interface Task {
  readonly part: number;
  readonly attempt: number;
}

/** Permission to run rounds without messages to the coordinator. Each holder computes one part of each round. */
export interface Lease {
  /** The lease ends before this round, at the latest. */
  readonly until: number;
  /** The longest time that it lasts. */
  readonly milliseconds: number;
  /** The worker of each part. */
  readonly holders: readonly number[];
  /** Number of the barrier that the holders share, if there are several. */
  readonly barrier?: number;
}

/** A lease with several holders. */
export type SharedLease = Lease & { readonly barrier: number };

export type ToWorker =
  | { readonly kind: "welcome"; readonly term: number; readonly coordinator: Ref<ToCoordinator> }
  /**
   * Apply `sum`, unless the replica is in `round` already; then compute `parts`, or answer that the replica is ready.
   * With a lease, go on from there without further messages.
   */
  | {
      readonly kind: "advance";
      readonly term: number;
      readonly round: number;
      /** Slot of the combined vector of the round before. */
      readonly sum?: number;
      /** The parts that `sum` combines, where a quorum of them is enough. */
      readonly arrived?: readonly number[];
      readonly parts: readonly Task[];
      readonly lease?: Lease;
    }
  | { readonly kind: "save"; readonly term: number; readonly round: number; readonly set: number }
  | { readonly kind: "restore"; readonly term: number; readonly snapshot: Snapshot }
  | { readonly kind: "evaluate"; readonly term: number; readonly round: number }
  | ({ readonly kind: "corrupt" } & Damage)
  /** Take longer for a part, until `milliseconds` from now. */
  | ({ readonly kind: "slow"; readonly milliseconds: number } & Slowdown)
  | { readonly kind: "lose" }
  /** The worker sends this to itself: go on with this round under the lease. */
  | { readonly kind: "runLease"; readonly round: number }
  /** The worker sends this to itself: check whether there is a coordinator. */
  | { readonly kind: "look" }
  /** The worker sends this to itself: its device is lost. */
  | { readonly kind: "lost"; readonly why: string };

/** Identity of a worker. */
export interface WorkerInfo {
  readonly index: number;
  /** Incarnation of its node. */
  readonly incarnation: number;
  readonly ref: Ref<ToWorker>;
  /** Workers of one kind compute the same bits. */
  readonly deviceKind: string;
}

/** The fields of every answer of a worker in `round`. */
interface Answer {
  readonly term: number;
  readonly worker: number;
  readonly round: number;
}

export interface Computed extends Answer {
  readonly kind: "computed";
  readonly part: number;
  readonly attempt: number;
  readonly slot: number;
  /** Bytes of the contribution as it is sent: encoded, where the run has a compressor. */
  readonly bytes: number;
  readonly loss: number;
  readonly checksum: bigint;
  readonly milliseconds: number;
  /** Id of the fault that damaged it. */
  readonly fault?: number;
}

/** The round that a worker is in, and the last rounds that it did under a lease. */
export interface Standing {
  readonly round: number;
  /** Loss of each round done under the lease, in order; the last one led to `round`. */
  readonly losses: readonly number[];
  /** Duration of those rounds. */
  readonly milliseconds: number;
  /** The worker of each part of those rounds. */
  readonly holders: readonly number[];
  /** Barrier of the lease, if it was shared. */
  readonly barrier?: number;
}

/** Sent at the end of a lease. */
export interface LeaseReport extends Standing {
  readonly kind: "leaseReport";
  readonly term: number;
  readonly worker: number;
}

/**
 * State of a worker that looks for a coordinator. It includes the rounds that the worker did under a lease, because the
 * coordinator may have ended before they were reported.
 */
export interface ReplicaState extends Standing {
  readonly digest: string;
}

export type ToCoordinator =
  | {
      readonly kind: "join";
      readonly info: WorkerInfo;
      /** Its state, if it has one from an earlier coordinator. */
      readonly state?: ReplicaState;
    }
  | Computed
  | LeaseReport
  | ({ readonly kind: "ready" } & Answer)
  | { readonly kind: "saved"; readonly term: number; readonly worker: number; readonly snapshot: Snapshot }
  | ({ readonly kind: "evaluated"; readonly errors: Evaluation } & Answer)
  /** The process of a worker ended. */
  | { readonly kind: "gone"; readonly worker: number; readonly incarnation: number }
  | JournalState
  /** This worker is asked to leave, as soon as it has no part. */
  | { readonly kind: "leave"; readonly worker: number }
  /** Ends the run with a snapshot. */
  | { readonly kind: "stop" }
  /** From the coordinator itself: a contribution has come over its link. */
  | { readonly kind: "arrived"; readonly computed: Computed }
  | { readonly kind: "tick" };
