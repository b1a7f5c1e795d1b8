/**
 * Triggers: rounds that end in a snapshot, an evaluation or a checkpoint. On one device a round is a step, and there are no
 * snapshots.
 */

import type { Clock } from "../world/world.js";
import { Allowance } from "./allowance.js";
import { isDue, nextDue } from "./due.js";

export interface TriggerOptions {
  readonly rounds: number;
  /** The steps before each round; `exchanges` rounds belong together. Default: a round is a step. */
  readonly program?: { stepAt(round: number): number; readonly exchanges?: number };
  /** Rounds between snapshots. Default: there are none. */
  readonly snapshotEvery?: number;
  /** Epochs between evaluations, and between checkpoints. Default: one, or more where the time limit asks for more. */
  readonly evaluateEvery?: number;
  readonly checkpointEvery?: number;
  readonly images: number;
  readonly batch: number;
}

export interface Trigger {
  readonly evaluate: boolean;
  readonly checkpoint: boolean;
  readonly last: boolean;
}

/** The end of a run that is stopped. */
export const LAST: Trigger = { evaluate: false, checkpoint: true, last: true };
/** A snapshot only. */
export const SNAPSHOT: Trigger = { evaluate: false, checkpoint: false, last: false };

/** Whether something may be due in state `round`, which may lie within a round of the strategy. */
export const isWhole = ({ program }: TriggerOptions, round: number): boolean => round % (program?.exchanges ?? 1) === 0;

/** What is due in state `round`, whatever time it takes. Depends on nothing but the options and the round. */
export function triggerAt(options: TriggerOptions, round: number): Trigger | undefined {
  const { rounds, program, evaluateEvery = 1, checkpointEvery = 1, images, batch } = options;
  if (!isWhole(options, round)) return undefined;
  const before = program?.stepAt(round - (program.exchanges ?? 1)) ?? round - 1;
  const step = program?.stepAt(round) ?? round;
  const last = round >= rounds;
  const evaluate = last || isDue(evaluateEvery, before, step, images, batch);
  const checkpoint = last || isDue(checkpointEvery, before, step, images, batch);
  return evaluate || checkpoint || isSnapshot(options, round) ? { evaluate, checkpoint, last } : undefined;
}

function isSnapshot({ snapshotEvery }: TriggerOptions, round: number): boolean {
  return snapshotEvery !== undefined && round % snapshotEvery === 0;
}

/** Where a round is a step: the first one after `round` in which an evaluation or a checkpoint is due, or the last one. */
export function nextTrigger(options: Omit<TriggerOptions, "program">, round: number): number {
  const { rounds, evaluateEvery = 1, checkpointEvery = 1, images, batch } = options;
  return Math.min(rounds, ...[evaluateEvery, checkpointEvery].map((every) => nextDue(every, round, images, batch)));
}

/**
 * The triggers of a run under way. Evaluations and checkpoints that the user did not ask for are limited in time.
 */
export class Triggers {
  readonly options: TriggerOptions;
  readonly #evaluations: Allowance;
  readonly #checkpoints: Allowance;

  constructor(options: TriggerOptions, clock: Clock) {
    this.options = options;
    this.#evaluations = new Allowance(clock, options.evaluateEvery);
    this.#checkpoints = new Allowance(clock, options.checkpointEvery);
  }

  /** What is due in state `round` and has time now. */
  due(round: number): Trigger | undefined {
    const marked = triggerAt(this.options, round);
    if (!marked || marked.last) return marked;
    const evaluate = marked.evaluate && this.#evaluations.isLeft;
    const checkpoint = marked.checkpoint && this.#checkpoints.isLeft;
    return evaluate || checkpoint || isSnapshot(this.options, round)
      ? { evaluate, checkpoint, last: false }
      : undefined;
  }

  /** Records milliseconds that training stood still: for the vote, and for the evaluation. */
  took({ evaluate, checkpoint }: Trigger, agreeing: number, measuring: number): void {
    if (checkpoint) this.#checkpoints.count(agreeing);
    if (evaluate) this.#evaluations.count(checkpoint ? measuring : agreeing + measuring);
  }
}
