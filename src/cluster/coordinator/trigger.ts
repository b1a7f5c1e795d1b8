/** Which rounds end in more than the next one: with a snapshot, an evaluation, a checkpoint. A function of their number. */
import { isMark } from "../../training/mark.js";

export interface MilestoneOptions {
  readonly rounds: number;
  readonly stepsPerRound: number;
  /** Rounds between snapshots. */
  readonly snapshotEvery: number;
  /** Epochs between evaluations, and between checkpoints. */
  readonly evaluateEvery: number;
  readonly checkpointEvery: number;
  readonly images: number;
  readonly batch: number;
}

export interface Milestone {
  readonly evaluate: boolean;
  readonly checkpoint: boolean;
  readonly last: boolean;
}

/** The end of a run that is stopped. */
export const LAST: Milestone = { evaluate: false, checkpoint: true, last: true };
/** A snapshot, and nothing else. */
export const SNAPSHOT: Milestone = { evaluate: false, checkpoint: false, last: false };

/** What is due in state `round`; undefined when it is nothing. */
export function milestone(options: MilestoneOptions, round: number): Milestone | undefined {
  const { rounds, stepsPerRound, snapshotEvery, evaluateEvery, checkpointEvery, images, batch } = options;
  const step = round * stepsPerRound;
  const before = step - stepsPerRound;
  const last = round >= rounds;
  const evaluate = last || isMark(evaluateEvery, before, step, images, batch);
  const checkpoint = last || isMark(checkpointEvery, before, step, images, batch);
  return evaluate || checkpoint || round % snapshotEvery === 0 ? { evaluate, checkpoint, last } : undefined;
}
