/** Listener of a run. The journal calls it: each round once, in order. */
import type { Evaluation } from "../../training/evaluate.js";
import type { Snapshot } from "../protocol.js";
import type { Commit, WorkerReport } from "./journal-protocol.js";

export interface RunListener {
  /** Rounds that no roll-back can undo, in order. The last one led to the state of the newest snapshot. */
  committed(commits: readonly Commit[]): void;
  evaluated(round: number, errors: Evaluation): void;
  checkpointed(round: number, path: string): void;
  noCheckpoint(round: number, error: unknown): void;
  /** Something failed. */
  failed(failure: Failure): void;
  /** A round was committed after the failure. `resumed`: milliseconds on the clock. */
  recovered(failure: Failure, resumed: number): void;
  /** A node that was away works again. */
  rejoined(node: string): void;
  /** A worker has left, as it was asked to. */
  left(node: string): void;
  /** State of the workers, several times a second. */
  status(workers: readonly WorkerReport[]): void;
  /** A round was committed; a roll-back may still undo it. */
  progressed(commit: Commit): void;
  ended(end: RunEnd): void;
}

export interface Failure {
  readonly target: string;
  readonly failure: string;
  /** Ids of the faults that caused it. */
  readonly faults: readonly number[];
  /** Milliseconds on the clock. */
  readonly noticed: number;
  readonly stepsLost: number;
  /** The target ended; its supervisor starts it again. */
  readonly away: boolean;
}

/** How a run ended: with a state, or with an error. */
export type RunEnd = { readonly snapshot: Snapshot } | { readonly error: unknown };
