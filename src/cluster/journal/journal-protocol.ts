/** Messages to the journal, and its answers. Like all messages of a run they may be lost, doubled or late: see `protocol.ts`. */
import type { Ref } from "../../actor/ref.js";
import type { Evaluation } from "../../training/evaluate.js";
import type { Snapshot, ToCoordinator, WorkerInfo } from "../protocol.js";

export interface JournalState {
  readonly kind: "kept";
  readonly snapshot: Snapshot;
  /** Snapshots that are being written to disk. */
  readonly pinned: readonly Snapshot[];
  /** The run ends with this snapshot. */
  readonly last: boolean;
}

/** A committed round. */
export interface Commit {
  readonly round: number;
  /** Absent where several rounds are exchanges of one step: the first of them has the loss. */
  readonly loss?: number;
  /** The worker of each part. */
  readonly workers: readonly number[];
  /** The parts that counted, where a quorum of them is enough. */
  readonly parts?: readonly number[];
  /** Bytes of the contributions as they were sent. None under a lease: there the workers share memory. */
  readonly bytes?: number;
  /** Milliseconds between its end and that of the last round in the same message. */
  readonly ago?: number;
}

/** What a new coordinator begins with. */
export interface Takeover {
  readonly term: number;
  readonly snapshot: Snapshot;
  readonly pinned: JournalState["pinned"];
  /** All rounds before this one are known to be committed. */
  readonly committed: number;
  /** The run is to end. */
  readonly stopping: boolean;
  /** The number of workers that take part in the run. Default: the most workers that there can be. */
  readonly workers?: number;
}

/** What a snapshot is for, besides roll-back. */
export interface SnapshotPurpose {
  readonly checkpoint: boolean;
  /** The last snapshot: the run is over, or was stopped. */
  readonly last: boolean;
}

/** A worker as the coordinator sees it. `StatusBoard` adds what the journal knows. */
export interface WorkerReport {
  readonly worker: number;
  readonly state: "healing" | "working" | "idle";
  /** Parts that it has computed for this coordinator. */
  readonly parts: number;
  /** Milliseconds that the worker takes for a part; 0: not known. */
  readonly pace: number;
}

/** An actor of one incarnation of a node. */
export interface WatchedNode {
  readonly node: string;
  readonly incarnation: number;
  readonly ref: Ref<never>;
}

export type ToJournal =
  | {
      readonly kind: "takeOver";
      readonly coordinator: Ref<ToCoordinator>;
      /** Incarnation of its node. */
      readonly incarnation: number;
      readonly replyTo: Ref<Takeover>;
    }
  /** Rounds were committed. They are in order. */
  | { readonly kind: "committed"; readonly term: number; readonly commits: readonly Commit[] }
  | {
      readonly kind: "snapshot";
      readonly term: number;
      readonly snapshot: Snapshot;
      /**
       * Round of the snapshot that was reported before this one. The journal refuses this report if its newest snapshot is
       * another one.
       */
      readonly after: number;
      /** All commits since then. */
      readonly commits: readonly Commit[];
      readonly errors?: Evaluation;
      readonly purpose: SnapshotPurpose;
      readonly replyTo: Ref<ToCoordinator>;
    }
  | { readonly kind: "rolledBack"; readonly term: number; readonly round: number }
  /** The process of a node ended. */
  | { readonly kind: "exited"; readonly node: string; readonly incarnation: number; readonly why: string }
  /** Something else failed, and the coordinator dealt with it. */
  | {
      readonly kind: "failed";
      readonly target: string;
      readonly failure: string;
      readonly stepsLost: number;
      /** Id of the fault that caused it. */
      readonly fault?: number;
    }
  /** A worker does not answer: end its process. */
  | { readonly kind: "stuck"; readonly term: number; readonly info: WorkerInfo }
  /** The run cannot go on. */
  | { readonly kind: "fatal"; readonly term: number; readonly why: string }
  /** The code of the strategy throws the same error on every worker. */
  | { readonly kind: "defect"; readonly why: string }
  /**
   * A node that is neither coordinator nor worker has started. The journal watches it, and ends it when its heartbeat
   * stops.
   */
  | ({ readonly kind: "watch"; readonly replyTo: Ref<{ readonly kind: "noted" }> } & WatchedNode)
  /** A node of a `watch` message lives, but does not answer. */
  | { readonly kind: "silent"; readonly node: string }
  /** A snapshot is on disk, or could not be written. */
  | { readonly kind: "checkpointed"; readonly snapshot: Snapshot; readonly path?: string; readonly error?: unknown }
  /** A worker is asked to leave. `leaveNow`, which the journal sends to itself: even if the worker is still at work. */
  | { readonly kind: "leave"; readonly worker: number }
  | { readonly kind: "leaveNow"; readonly worker: number; readonly request: number }
  /** The coordinator does not need this worker any more. */
  | { readonly kind: "released"; readonly term: number; readonly worker: number }
  /** `stop` ends the run at the next round; `stopHere`, from the journal itself, at once. */
  | { readonly kind: "stop" | "stopHere" }
  /** The workers of the coordinator: sent now and then, and when a worker joins. */
  | {
      readonly kind: "status";
      readonly term: number;
      readonly workers: readonly WorkerReport[];
      readonly infos: readonly WorkerInfo[];
    };
