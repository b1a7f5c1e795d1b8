/** The events that a simulated run reported, and facts that it does not report but that the simulation saw. */

import type { Commit } from "../../src/cluster/journal/journal-protocol.js";
import type { Failure, RunEnd, RunListener } from "../../src/cluster/journal/run-listener.js";

export class Told implements RunListener {
  readonly commits: Commit[] = [];
  readonly evaluations: number[] = [];
  readonly checkpoints: number[] = [];
  /** Checkpoints that could not be written. */
  readonly lost: number[] = [];
  readonly failures: Failure[] = [];
  /** Nodes that were cut off and came back. */
  readonly returns: string[] = [];
  /** Workers that left. */
  readonly departures: string[] = [];
  readonly #gathered = new Map<string, Uint32Array>();
  progress = 0;
  end: RunEnd | undefined;
  onProgress: (round: number) => void = () => undefined;
  onCheckpoint: (path: string) => void = () => undefined;

  /** The row numbers that a worker gave to its device for a part. */
  gathered(worker: number, round: number, part: number, rows: Uint32Array): void {
    this.#gathered.set(`${worker} ${round} ${part}`, rows);
  }

  /** The rows of a committed round, in the order of its parts. */
  rows({ round, workers }: Commit): number[] {
    return workers.flatMap((worker, part) => [...(this.#gathered.get(`${worker} ${round} ${part}`) ?? [-1])]);
  }

  committed(commits: readonly Commit[]): void {
    this.commits.push(...commits);
  }
  evaluated(round: number): void {
    this.evaluations.push(round);
  }
  checkpointed(round: number, path: string): void {
    this.checkpoints.push(round);
    this.onCheckpoint(path);
  }
  noCheckpoint(round: number): void {
    this.lost.push(round);
  }
  failed(): void {}
  rejoined(node: string): void {
    this.returns.push(node);
  }
  left(node: string): void {
    this.departures.push(node);
  }
  recovered(failure: Failure): void {
    this.failures.push(failure);
  }
  status(): void {}
  progressed({ round }: Commit): void {
    this.progress = round;
    this.onProgress(round);
  }
  ended(end: RunEnd): void {
    this.end ??= end;
  }
}
