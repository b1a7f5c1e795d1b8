/** Writes the story of a distributed run as the events of any other run: to metrics.jsonl, and to who watches. */

import type { Failure, RunEnd, RunListener } from "../cluster/journal/run-listener.js";
import type { Commit, WorkerReport } from "../cluster/protocol.js";
import { injectedFault } from "../faults/faulty-disk.js";
import type { Evaluation } from "../training/evaluate.js";
import type { At, Observer, RunEvent, RunPlace } from "../training/event.js";
import type { Plan } from "../training/plan.js";
import type { RunFolder } from "../training/run-folder.js";
import type { Clock } from "../world/world.js";
import { Standstills } from "./standstills.js";
import type { StatusBoard } from "./status-board.js";

/** Rounds that one event tells of at most. */
const WINDOW = 64;

export interface MetricsWriterOptions {
  readonly clock: Clock;
  readonly plan: Plan;
  readonly images: number;
  readonly folder: RunFolder;
  readonly board: StatusBoard;
  readonly observer?: Observer;
  readonly where?: RunPlace;
  /** Steps that are done when `round` begins. */
  stepAt(round: number): number;
  learningRate(step: number): number;
  /** Called with the steps that are done, after each round. */
  readonly onStep: (step: number) => void;
  readonly onCheckpoint: (path: string) => void;
  readonly onEnd: (end: RunEnd) => void;
}

export class MetricsWriter implements RunListener {
  readonly #options: MetricsWriterOptions;
  readonly #began: number;
  /** When each round that may still be undone was committed. */
  readonly #times = new Map<number, number>();
  /** When the last round that can be told of was. */
  #told: number;
  /** When the last round of all was. */
  #newest: number;
  readonly #standstills: Standstills;
  #step: number;

  constructor(options: MetricsWriterOptions) {
    const { plan, images, clock, where } = options;
    this.#options = options;
    this.#began = clock.now();
    this.#told = this.#newest = this.#began;
    this.#standstills = new Standstills(this.#began);
    this.#step = plan.checkpoint?.state.step ?? 0;
    const resumed = plan.checkpoint !== undefined;
    this.tell({ event: "start", ...this.#at(this.#step), steps: plan.steps, images, resumed, place: where });
    for (const message of plan.remarks) this.warn(message);
  }

  /** Seconds since the run began. */
  get seconds(): number {
    return this.#secondsAt(this.#options.clock.now());
  }

  tell(event: RunEvent): void {
    this.#options.folder.record(event);
    this.#options.observer?.(event);
  }

  warn(message: string, fault?: number): void {
    this.tell({ event: "warning", ...this.#at(this.#step), message, fault });
  }

  /** A fault is about to strike. */
  injected(id: number, fault: string, target: string): void {
    this.#options.board.fault(fault);
    this.#standstills.begin(id, this.#options.clock.now());
    this.tell({ event: "fault", ...this.#at(this.#step), id, fault, target });
  }

  progressed({ round, loss, ago = 0 }: Commit): void {
    // Told late, it may have been done before what was told last; rounds have an order.
    this.#newest = Math.max(this.#newest, this.#options.clock.now() - ago);
    this.#times.set(round, this.#newest);
    this.#standstills.committed(this.#newest);
    const { stepAt, board } = this.#options;
    this.#step = stepAt(round + 1);
    board.committed(this.#step, this.#step - stepAt(round), loss);
    this.#options.onStep(this.#step);
  }

  committed(commits: readonly Commit[]): void {
    for (let i = 0; i < commits.length; i += WINDOW) this.#tellSteps(commits.slice(i, i + WINDOW));
    for (const { round } of commits) this.#times.delete(round);
  }

  evaluated(round: number, errors: Evaluation): void {
    this.tell({ event: "evaluation", ...this.#at(this.#options.stepAt(round)), ...errors });
  }

  checkpointed(round: number, path: string): void {
    this.tell({ event: "checkpoint", ...this.#at(this.#options.stepAt(round)), path });
    this.#options.onCheckpoint(path);
  }

  noCheckpoint(round: number, error: unknown): void {
    const step = this.#options.stepAt(round);
    const message = `no checkpoint at step ${step}: ${error instanceof Error ? error.message : error}`;
    this.tell({ event: "warning", ...this.#at(step), message, fault: injectedFault(error) });
  }

  failed(failure: Failure): void {
    // When it struck is known where it was made to.
    if (failure.faults.length === 0) this.#standstills.begin(failure);
  }

  recovered(failure: Failure, resumedAt: number): void {
    const { noticed: noticedAt, ...what } = failure;
    const { from, milliseconds } = this.#standstills.end([failure, ...what.faults], resumedAt);
    const [noticed, resumed, waitedFrom] = [noticedAt, resumedAt, from].map((time) => this.#secondsAt(time));
    const waited = milliseconds / 1000;
    this.tell({ event: "recovery", ...this.#at(this.#step), ...what, noticed, resumed, waitedFrom, waited });
  }

  rejoined(node: string): void {
    this.tell({ event: "rejoin", ...this.#at(this.#step), target: node });
  }

  status(workers: readonly WorkerReport[]): void {
    this.#options.board.workers(workers);
  }

  ended(end: RunEnd): void {
    this.#options.onEnd(end);
  }

  #tellSteps(commits: readonly Commit[]): void {
    const { stepAt, plan, clock } = this.#options;
    const [first, last] = [commits[0].round, commits[commits.length - 1].round];
    const step = stepAt(last + 1);
    const time = this.#times.get(last) ?? clock.now();
    const loss = commits.reduce((sum, commit) => sum + commit.loss, 0) / commits.length;
    const milliseconds = Math.max(time - this.#told, 1e-6);
    const imagesPerSecond = ((step - stepAt(first)) * plan.config.batch * 1000) / milliseconds;
    const learningRate = this.#options.learningRate(step - 1);
    this.#told = time;
    this.tell({ event: "steps", ...this.#at(step, time), loss, learningRate, imagesPerSecond });
  }

  #at(step: number, time = this.#options.clock.now()): At {
    const epoch = (step * this.#options.plan.config.batch) / this.#options.images;
    return { step, epoch, time: this.#secondsAt(time) };
  }

  #secondsAt(time: number): number {
    return (time - this.#began) / 1000;
  }
}
