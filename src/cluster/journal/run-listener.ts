/** What comes of a run, told by the journal to whoever keeps it: every round once, in order. */
import type { Evaluation } from "../../training/evaluate.js";
import type { Commit, Snapshot, WorkerReport } from "../protocol.js";

export interface RunListener {
  /** Rounds that can no more be undone, in order; their last one led to the state of the newest snapshot. */
  committed(commits: readonly Commit[]): void;
  evaluated(round: number, errors: Evaluation): void;
  checkpointed(round: number, path: string): void;
  noCheckpoint(round: number, error: unknown): void;
  /** Something failed. */
  failed(failure: Failure): void;
  /** Training has gone on since. */
  recovered(failure: Failure, resumed: number): void;
  /** A node that was away does its part again. */
  rejoined(node: string): void;
  /** Workers as they are. */
  status(workers: readonly WorkerReport[]): void;
  /** A round was committed, and may still be undone. */
  progressed(commit: Commit): void;
  ended(end: RunEnd): void;
}

export interface Failure {
  readonly target: string;
  readonly failure: string;
  /** The ids of the faults that it came of. */
  readonly faults: readonly number[];
  /** Milliseconds on the clock. */
  readonly noticed: number;
  readonly stepsLost: number;
  /** The target has ended, and is to come back. */
  readonly away: boolean;
}

/** How a run ended: with a state, or without hope. */
export type RunEnd = { readonly snapshot: Snapshot } | { readonly error: unknown };
