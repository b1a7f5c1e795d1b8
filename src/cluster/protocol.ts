/**
 * What coordinator, workers and journal say to one another. Every message may be lost, doubled or late: all of them carry
 * the term in which they were meant, who gets one of an term that is over ignores it, and handling one twice does no
 * harm.
 *
 * An term is one undisturbed stretch of a coordinator's work: a new coordinator and a roll-back begin a new one.
 */
import type { Ref } from "../actor/ref.js";
import type { Evaluation } from "../training/evaluate.js";

/** A state of the replicas that lies in the tensor store, and may be gone back to. */
export interface Snapshot {
  readonly round: number;
  /** The worker in whose memory it lies, or `ORIGIN`. */
  readonly owner: number;
  readonly set: number;
  /** Of its vectors and scalars. */
  readonly digest: string;
  readonly scalars: readonly number[];
}

/** A fault that is put into a worker on purpose. */
export type Corruption = "flip" | "spoil";

/** To be put into the next gradient. */
export interface Damage {
  readonly how: Corruption;
  /** The id of the fault, for what comes of it. */
  readonly fault?: number;
}

/** A part to be computed; one that was damaged is a task again, with the next attempt. */
export interface Task {
  readonly part: number;
  readonly attempt: number;
}

/** Leave to go on through rounds without being told to apply what comes of them: each of its holders computes one part. */
export interface Lease {
  /** The round in which it ends at the latest. */
  readonly until: number;
  /** How long it lasts at most. */
  readonly milliseconds: number;
  /** The worker of each part. */
  readonly holders: readonly number[];
  /** The number under which they meet, if there are several. */
  readonly barrier?: number;
}

/** A lease that several hold. */
export type SharedLease = Lease & { readonly barrier: number };

export type ToWorker =
  | { readonly kind: "welcome"; readonly term: number; readonly coordinator: Ref<ToCoordinator> }
  /**
   * Go on to `round`, by `sum` if it is still the round before; then compute `parts`, or say that you are ready; or, with a
   * lease, go on from there by yourself.
   */
  | {
      readonly kind: "advance";
      readonly term: number;
      readonly round: number;
      /** The slot of what was combined in the round before. */
      readonly sum?: number;
      readonly parts: readonly Task[];
      readonly lease?: Lease;
    }
  | { readonly kind: "save"; readonly term: number; readonly round: number; readonly set: number }
  | { readonly kind: "restore"; readonly term: number; readonly snapshot: Snapshot }
  | { readonly kind: "evaluate"; readonly term: number; readonly round: number }
  | ({ readonly kind: "corrupt" } & Damage)
  | { readonly kind: "lose" }
  /** From itself: go on with this round under the lease. */
  | { readonly kind: "runLease"; readonly round: number }
  /** From itself: time to look whether there is a coordinator. */
  | { readonly kind: "look" }
  /** From itself: its device is gone. */
  | { readonly kind: "lost"; readonly why: string };

/** What a worker is, as far as others need to know. */
export interface WorkerInfo {
  readonly index: number;
  /** Of its node. */
  readonly incarnation: number;
  readonly ref: Ref<ToWorker>;
  /** Workers of one kind compute the same bits. */
  readonly deviceKind: string;
}

export interface Computed {
  readonly kind: "computed";
  readonly term: number;
  readonly worker: number;
  readonly round: number;
  readonly part: number;
  readonly attempt: number;
  readonly slot: number;
  readonly loss: number;
  readonly checksum: bigint;
  readonly milliseconds: number;
  /** The fault that damaged it on purpose. */
  readonly fault?: number;
}

/** Where a worker is, and how much of the way there it went without being told. */
export interface Standing {
  readonly round: number;
  /** Of the rounds before it that were done so, in order. */
  readonly losses: readonly number[];
  /** That those took. */
  readonly milliseconds: number;
  /** Who computed each part of them. */
  readonly holders: readonly number[];
  /** Of the lease under which they were done, if it was shared. */
  readonly barrier?: number;
}

/** The end of a lease. */
export interface LeaseReport extends Standing {
  readonly kind: "leaseReport";
  readonly term: number;
  readonly worker: number;
}

/** The state of a worker that looks for its coordinator; what it did under a lease may not have been told. */
export interface ReplicaState extends Standing {
  readonly digest: string;
}

export type ToCoordinator =
  | {
      readonly kind: "join";
      readonly info: WorkerInfo;
      /** Its state, if it has one: from before this coordinator. */
      readonly state?: ReplicaState;
    }
  | Computed
  | LeaseReport
  | { readonly kind: "ready"; readonly term: number; readonly worker: number; readonly round: number }
  | { readonly kind: "saved"; readonly term: number; readonly worker: number; readonly snapshot: Snapshot }
  | {
      readonly kind: "evaluated";
      readonly term: number;
      readonly worker: number;
      readonly round: number;
      readonly errors: Evaluation;
    }
  /** The process of a worker has ended. */
  | { readonly kind: "gone"; readonly worker: number; readonly incarnation: number }
  /** What the journal holds by now. */
  | JournalState
  /** Ends the run with a snapshot. */
  | { readonly kind: "stop" }
  | { readonly kind: "tick" };

export interface JournalState {
  readonly kind: "kept";
  readonly snapshot: Snapshot;
  /** Snapshots that are being written to disk. */
  readonly pinned: readonly Snapshot[];
  /** The snapshot is the one that the run ends with. */
  readonly last: boolean;
}

/** One round that was committed. */
export interface Commit {
  readonly round: number;
  readonly loss: number;
  /** Who computed each part. */
  readonly workers: readonly number[];
  /** Milliseconds that it was done before the last of those that are told with it. */
  readonly ago?: number;
}

/** What a new coordinator begins with. */
export interface Takeover {
  readonly term: number;
  readonly snapshot: Snapshot;
  readonly pinned: JournalState["pinned"];
  /** Rounds before this one are known to be committed. */
  readonly committed: number;
  /** The run is to end. */
  readonly stopping: boolean;
}

/** Why a snapshot was taken, besides as a place to go back to. */
export interface SnapshotPurpose {
  readonly checkpoint: boolean;
  /** The last one: the run is over, or was stopped. */
  readonly last: boolean;
}

/** A worker as the coordinator sees it; `StatusBoard` knows the rest. */
export interface WorkerReport {
  readonly worker: number;
  readonly state: "healing" | "working" | "idle";
  /** Parts that it has computed for this coordinator. */
  readonly parts: number;
}

/** An actor on one start of a node. */
export interface WatchedNode {
  readonly node: string;
  readonly incarnation: number;
  readonly ref: Ref<never>;
}

export type ToJournal =
  | {
      readonly kind: "takeOver";
      readonly coordinator: Ref<ToCoordinator>;
      /** Of its node. */
      readonly incarnation: number;
      readonly replyTo: Ref<Takeover>;
    }
  /** In the order of their rounds. */
  | { readonly kind: "committed"; readonly term: number; readonly commits: readonly Commit[] }
  | {
      readonly kind: "snapshot";
      readonly term: number;
      readonly snapshot: Snapshot;
      /** The round of the snapshot that was reported before: without that one, this is not taken. */
      readonly after: number;
      /** All since. */
      readonly commits: readonly Commit[];
      readonly errors?: Evaluation;
      readonly purpose: SnapshotPurpose;
      readonly replyTo: Ref<ToCoordinator>;
    }
  | { readonly kind: "rolledBack"; readonly term: number; readonly round: number }
  /** The process of a node has ended. */
  | { readonly kind: "exited"; readonly node: string; readonly incarnation: number; readonly why: string }
  /** Something else failed, and was dealt with. */
  | {
      readonly kind: "failed";
      readonly target: string;
      readonly failure: string;
      readonly stepsLost: number;
      /** The fault that it came of. */
      readonly fault?: number;
    }
  /** A worker does not answer, and is to be ended. */
  | { readonly kind: "stuck"; readonly term: number; readonly info: WorkerInfo }
  /** The run cannot go on. */
  | { readonly kind: "fatal"; readonly term: number; readonly why: string }
  /** A node that is neither coordinator nor worker has come: it is watched, and ended when it gives no sign of life. */
  | ({ readonly kind: "watch"; readonly replyTo: Ref<{ readonly kind: "noted" }> } & WatchedNode)
  /** Such a node lives, and does not do what it is asked. */
  | { readonly kind: "silent"; readonly node: string }
  /** A set is on disk, or could not be written. */
  | { readonly kind: "checkpointed"; readonly snapshot: Snapshot; readonly path?: string; readonly error?: unknown }
  /** Ends the run at the next trigger that it can make; from the journal itself: right now. */
  | { readonly kind: "stop" | "stopHere" }
  /** Who is there, now and then, and when someone has come. */
  | {
      readonly kind: "status";
      readonly term: number;
      readonly workers: readonly WorkerReport[];
      readonly infos: readonly WorkerInfo[];
    };
