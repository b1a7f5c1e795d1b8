/** Records a distributed run as the events of any other run: in metrics.jsonl and for watchers. */

import type { Commit, WorkerReport } from "../../cluster/journal/journal-protocol.js";
import type { Failure, RunEnd, RunListener } from "../../cluster/journal/run-listener.js";
import { injectedFault } from "../../faults/faulty-disk.js";
import { workerIndex, workerName } from "../../placement/names.js";
import type { Advance } from "../../strategies/rounds/replica.js";
import type { Evaluation } from "../../training/evaluate.js";
import type { At } from "../../training/event.js";
import type { RunLog } from "../../training/run-folder/run-log.js";
import type { Clock } from "../../world/world.js";
import { Shortage } from "./shortage.js";
import { Standstills } from "./standstills.js";
import type { StatusBoard } from "./status-board.js";
import { Stragglers } from "./stragglers.js";

/** Rounds in one event at most. */
const WINDOW = 64;

export interface MetricsWriterOptions {
  readonly clock: Clock;
  readonly log: RunLog;
  readonly board: StatusBoard;
  /** Steps that are done when `round` begins. */
  stepAt(round: number): number;
  /** What a round makes. */
  advance(round: number): Advance;
  learningRate(step: number): number;
  /** Called with the number of steps done, after each round. */
  readonly onStep: (step: number) => void;
  readonly onCheckpoint: (path: string) => void;
  readonly onEnd: (end: RunEnd) => void;
}

export class MetricsWriter implements RunListener {
  readonly #options: MetricsWriterOptions;
  readonly #log: RunLog;
  /** When each round that may still be undone was committed. */
  readonly #times = new Map<number, number>();
  /** Commits that are not recorded yet: exchanges of a round whose last exchange is to come. */
  readonly #begun: Commit[] = [];
  /** When the last recorded round was committed. */
  #told: number;
  /** When the newest round was committed. */
  #newest: number;
  readonly #standstills: Standstills;
  /** The last event of a run is its end: what is heard of nodes afterwards is not told. */
  #isOver = false;
  readonly #stragglers = new Stragglers();
  /** Workers that were started to join, and take no part yet. */
  readonly #joining = new Set<number>();
  readonly #shortage = new Shortage();

  constructor(options: MetricsWriterOptions) {
    const { log } = options;
    this.#options = options;
    this.#log = log;
    this.#told = this.#newest = log.began;
    this.#standstills = new Standstills(log.began);
    log.started();
  }

  /** A fault is about to strike. */
  injected(id: number, fault: string, target: string): void {
    this.#options.board.fault(fault);
    this.#standstills.begin(id, this.#options.clock.now());
    this.#log.tell({ event: "fault", ...this.#log.at(), id, fault, target });
  }

  /** A worker was started to join. */
  joining(worker: number): void {
    this.#joining.add(worker);
  }

  left(node: string): void {
    this.#joining.delete(workerIndex(node) ?? -1);
    this.#options.board.left(node);
    if (!this.#isOver) this.#log.tell({ event: "leave", ...this.#log.at(), target: node });
  }

  progressed({ round, loss, workers, ago = 0 }: Commit): void {
    // A late report may give an earlier time than the report before it; the times of rounds must not decrease.
    this.#newest = Math.max(this.#newest, this.#options.clock.now() - ago);
    this.#times.set(round, this.#newest);
    this.#standstills.committed(this.#newest);
    const { stepAt, advance, board } = this.#options;
    const step = stepAt(round + 1);
    this.#log.step = step;
    board.committed(step, { parts: workers.length, images: advance(round).images }, loss);
    this.#options.onStep(step);
  }

  committed(commits: readonly Commit[]): void {
    this.#begun.push(...commits);
    for (let count = this.#window(); count > 0; count = this.#window()) this.#tellSteps(this.#begun.splice(0, count));
  }

  evaluated(round: number, errors: Evaluation): void {
    this.#log.evaluated(errors, this.#at(round));
  }

  checkpointed(round: number, path: string): void {
    this.#log.checkpointed(path, this.#at(round));
    this.#options.onCheckpoint(path);
  }

  noCheckpoint(round: number, error: unknown): void {
    this.#log.noCheckpoint(error, this.#at(round), injectedFault(error));
  }

  failed(failure: Failure): void {
    // For a fault, the standstill began when the fault struck.
    if (failure.faults.length === 0) this.#standstills.begin(failure);
  }

  recovered(failure: Failure, resumedAt: number): void {
    const { noticed: noticedAt, ...what } = failure;
    const { from, milliseconds } = this.#standstills.end([failure, ...what.faults], resumedAt);
    const [noticed, resumed, waitedFrom] = [noticedAt, resumedAt, from].map((time) => this.#log.seconds(time));
    const waited = milliseconds / 1000;
    this.#log.tell({ event: "recovery", ...this.#log.at(), ...what, noticed, resumed, waitedFrom, waited });
  }

  rejoined(node: string): void {
    if (this.#isOver) return;
    this.#log.tell({ event: "rejoin", ...this.#log.at(), target: node });
  }

  status(workers: readonly WorkerReport[]): void {
    if (this.#isOver) return;
    for (const { worker, pace, others } of this.#stragglers.news(workers)) {
      const times = `${pace.toFixed(0)} ms a part, the others ${others.toFixed(0)} ms`;
      this.#log.warn(`${workerName(worker)} is slow: ${times}`);
    }
    const { board, clock } = this.#options;
    board.workers(workers);
    for (const { worker, state } of workers) {
      if (state === "healing" || !this.#joining.delete(worker)) continue;
      this.#log.tell({ event: "join", ...this.#log.at(), target: workerName(worker) });
    }
    const news = this.#shortage.news(board.missing, clock.now());
    if (news !== undefined) this.#log.warn(news);
  }

  ended(end: RunEnd): void {
    this.#isOver = true;
    this.#options.onEnd(end);
  }

  /** The number of commits that the next event tells: those of whole rounds. */
  #window(): number {
    const { stepAt } = this.#options;
    const ends = this.#begun.flatMap(({ round }, i) => (stepAt(round + 1) > stepAt(round) ? i + 1 : []));
    return ends.find((end) => end >= WINDOW) ?? ends.at(-1) ?? 0;
  }

  #tellSteps(commits: readonly Commit[]): void {
    const { stepAt, advance, clock } = this.#options;
    const { round: last } = commits[commits.length - 1];
    const step = stepAt(last + 1);
    const time = this.#times.get(last) ?? clock.now();
    const made = commits.map(({ round, loss }) => ({ ...advance(round), loss }));
    const total = (of: (one: Advance & Pick<Commit, "loss">) => number): number =>
      made.map(of).reduce((sum, one) => sum + one);
    // Every step counts alike, in whichever round it is.
    const told = total(({ steps, loss }) => (loss === undefined ? 0 : steps));
    const loss = total((one) => one.steps * (one.loss ?? 0)) / told;
    const learningRate = this.#options.learningRate(step - 1);
    const images = total((one) => one.images);
    const sent = commits.flatMap(({ bytes }) => bytes ?? []);
    const bytes = sent.length > 0 && { bytes: sent.reduce((sum, one) => sum + one) };
    const counted = commits.flatMap(({ parts }) => (parts ? [parts] : []));
    const arrived = counted.length > 0 && { parts: counted };
    const window = { images, loss, learningRate, milliseconds: time - this.#told, ...bytes, ...arrived };
    this.#told = time;
    this.#log.steps(window, this.#log.at(step, time));
    for (const { round } of commits) this.#times.delete(round);
  }

  #at(round: number): At {
    return this.#log.at(this.#options.stepAt(round));
  }
}
