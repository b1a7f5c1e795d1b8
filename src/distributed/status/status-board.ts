/** Collects the status of a run for display. */

import type { WorkerReport } from "../../cluster/journal/journal-protocol.js";
import { workerName } from "../../placement/names.js";
import type { Clock } from "../../world/world.js";
import type { ClusterStatus, ProcessStatus, WorkerState } from "./status.js";

export interface BoardOptions {
  readonly clock: Clock;
  /** Steps done, and steps of the whole run. */
  readonly step: number;
  readonly steps: number;
  readonly images: number;
  readonly batch: number;
  /** Of the first round. */
  readonly imagesPerPart: number;
  /** Names of the workers' devices. */
  readonly devices: readonly string[];
  /** The fewest workers to train with; the run begins with them. Default: with all, and it does not wait. */
  readonly least?: number;
  readonly onStatus?: (status: ClusterStatus) => void;
}

/** Rates are measured over at least this many milliseconds. */
const SPAN = 1000;

/** A recent rate per second. */
class Rate {
  #count = 0;
  /** When the count began: at the first event, whose duration is not known. */
  #since: number | undefined;
  #value: number | undefined;

  add(count: number, now: number): void {
    if (this.#since === undefined) {
      if (count > 0) this.#since = now;
      return;
    }
    this.#count += count;
    const span = now - this.#since;
    if (span < SPAN) return;
    this.#value = (1000 * this.#count) / span;
    this.#count = 0;
    this.#since = now;
  }

  /** Undefined before there is a figure. Falls when no event is added. */
  at(now: number): number | undefined {
    if (this.#value === undefined || this.#since === undefined) return undefined;
    const span = now - this.#since;
    return span < 2 * SPAN ? this.#value : (1000 * this.#count) / span;
  }
}

/** One worker, over all incarnations. */
class Line {
  readonly rate = new Rate();
  /** Parts of earlier incarnations, and of this one. */
  before = 0;
  parts = 0;
  /** Milliseconds a part; 0: not known. */
  pace = 0;
  lives = 0;
  state: WorkerState;

  constructor(state: WorkerState) {
    this.state = state;
  }

  restart(): void {
    this.before += this.parts;
    this.parts = 0;
  }

  get isUp(): boolean {
    return this.state === "working" || this.state === "idle";
  }
}

/** One process, over all its lives. */
interface Process {
  readonly state: ProcessStatus["state"];
  readonly lives: number;
}

export class StatusBoard {
  readonly #options: BoardOptions;
  readonly #lines: Line[];
  readonly #rate = new Rate();
  #step: number;
  /** Of the last round. */
  #imagesPerPart: number;
  #loss: number | undefined;
  /** Workers that the coordinator has. */
  #there: number | undefined;
  #lastFault: string | undefined;
  readonly #processes = new Map<string, Process>();

  constructor(options: BoardOptions) {
    this.#options = options;
    this.#step = options.step;
    this.#imagesPerPart = options.imagesPerPart;
    const { devices, least = devices.length } = options;
    this.#lines = devices.map((_, index) => new Line(index < least ? "starting" : "absent"));
  }

  /** A node was started, perhaps again. */
  started(node: string): void {
    const { lives = 0 } = this.#processes.get(node) ?? {};
    this.#processes.set(node, { state: "running", lives: lives + 1 });
    const line = this.#line(node);
    if (!line) return;
    line.lives++;
    line.restart();
    line.state = "starting";
  }

  exited(node: string): void {
    this.#turn(node, "ended");
    const line = this.#line(node);
    if (line && line.state !== "absent") line.state = "lost";
  }

  /** A worker has left for good. */
  left(node: string): void {
    const line = this.#line(node);
    if (!line) return;
    this.#processes.delete(node);
    line.lives = 0;
    line.state = "absent";
  }

  suspended(node: string): void {
    this.#turn(node, "suspended");
    const line = this.#line(node);
    if (line) line.state = "suspended";
  }

  /** A suspended node goes on, if it is still there. */
  resumed(node: string): void {
    if (this.#processes.get(node)?.state === "suspended") this.#turn(node, "running");
    const line = this.#line(node);
    if (line?.state === "suspended") line.state = "healing";
  }

  /** Workers that are up. */
  get up(): readonly number[] {
    return this.#lines.flatMap(({ isUp }, index) => (isUp ? [index] : []));
  }

  fault(fault: string): void {
    this.#lastFault = fault;
  }

  /** The run has reached `step`. The round that led there had `parts` parts, which read `images` images together. */
  committed(
    step: number,
    { parts, images }: { readonly parts: number; readonly images: number },
    loss: number | undefined,
  ): void {
    this.#rate.add(images, this.#options.clock.now());
    this.#imagesPerPart = images / parts;
    this.#step = step;
    this.#loss = loss ?? this.#loss;
    this.#options.onStatus?.(this.status);
  }

  workers(workers: readonly WorkerReport[]): void {
    const now = this.#options.clock.now();
    for (const { worker, state, parts, pace } of workers) {
      const line = this.#lines[worker];
      // The count begins anew under a new coordinator, and for a worker that failed within a living process.
      if (parts < line.parts) line.restart();
      const images = this.#imagesPerPart * Math.max(0, parts - line.parts);
      line.rate.add(images, now);
      line.parts = parts;
      line.pace = pace;
      if (line.state !== "suspended") line.state = state;
    }
    const there = new Set(workers.map(({ worker }) => worker));
    // A new coordinator knows no worker yet.
    this.#there = there.size;
    for (const index of there.size > 0 ? this.up : []) {
      if (!there.has(index)) this.#lines[index].state = "lost";
    }
    this.#options.onStatus?.(this.status);
  }

  /** Workers that the run waits for. */
  get missing(): number {
    const { least } = this.#options;
    return least === undefined || this.#there === undefined ? 0 : Math.max(0, least - this.#there);
  }

  get status(): ClusterStatus {
    const { steps, batch, images, devices, clock } = this.#options;
    const now = clock.now();
    const imagesPerSecond = this.#rate.at(now);
    const processes = [...this.#processes].map(([name, { state, lives }]) => ({ name, state, restarts: lives - 1 }));
    return {
      step: this.#step,
      steps,
      epoch: (this.#step * batch) / images,
      ...(this.#loss !== undefined && { loss: this.#loss }),
      ...(imagesPerSecond !== undefined && { imagesPerSecond }),
      ...(this.missing > 0 && { missing: this.missing }),
      restarts: processes.reduce((sum, { restarts }) => sum + restarts, 0),
      ...(this.#lastFault !== undefined && { lastFault: this.#lastFault }),
      workers: this.#lines.map(({ state, before, parts, pace, rate, lives, isUp }, index) => ({
        name: workerName(index),
        device: devices[index],
        state,
        parts: before + parts,
        imagesPerSecond: isUp ? rate.at(now) : undefined,
        restarts: Math.max(0, lives - 1),
        millisecondsPerPart: isUp && pace > 0 ? pace : undefined,
      })),
      processes,
    };
  }

  #turn(node: string, state: ProcessStatus["state"]): void {
    const { lives } = this.#processes.get(node) ?? { lives: 1 };
    this.#processes.set(node, { state, lives });
  }

  #line(node: string): Line | undefined {
    return this.#lines.find((_, index) => workerName(index) === node);
  }
}
