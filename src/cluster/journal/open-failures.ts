/**
 * Failures of a run that are not over: no round was committed since, or the node that failed is not back. The run's listener
 * is told when a failure begins, when training goes on, and when the node is back.
 */

import type { Struck } from "../../faults/strikes.js";
import type { Clock } from "../../world/world.js";
import type { ToJournal, WatchedNode } from "./journal-protocol.js";
import type { Liveness } from "./liveness.js";
import type { Failure, RunListener } from "./run-listener.js";

export interface OpenFailuresOptions {
  readonly listener: Pick<RunListener, "failed" | "recovered" | "rejoined">;
  /** Ids of the faults that caused the failure of an incarnation: of its process, or of a device in it. */
  faultsOf?(incarnation: number, failed: Struck): readonly number[];
}

export class OpenFailures {
  readonly #options: OpenFailuresOptions;
  readonly #clock: Clock;
  readonly #liveness: Liveness;
  /** Failures since which no round was committed. */
  #open: Failure[] = [];
  /** Nodes that failed and are not back. */
  readonly #away = new Set<string>();

  constructor(options: OpenFailuresOptions, clock: Clock, liveness: Liveness) {
    this.#options = options;
    this.#clock = clock;
    this.#liveness = liveness;
  }

  /** A node or its actor ended. Its supervisor starts it again. */
  lost(node: string, incarnation: number, failure: string, failed: Struck = "process"): void {
    this.#away.add(node);
    const faults = this.#options.faultsOf?.(incarnation, failed) ?? [];
    this.#begin({ target: node, failure, faults, stepsLost: 0, away: true });
  }

  /** Something failed in a node that goes on. */
  failed({ target, failure, stepsLost, fault }: ToJournal & { kind: "failed" }): void {
    const faults = fault === undefined ? [] : [fault];
    this.#begin({ target, failure, faults, stepsLost, away: false });
  }

  /** A watched actor works. If its node was away, the node is back. */
  isThere(watched: WatchedNode): void {
    if (!this.#liveness.isGone(watched)) this.isBack(watched.node);
  }

  /** A node has left for good: it does not come back. */
  left(node: string): void {
    this.#away.delete(node);
  }

  isBack(node: string): void {
    if (this.#away.delete(node)) this.#options.listener.rejoined(node);
  }

  /** A round was committed at this time: failures noticed before it are over. */
  resumed(at: number): void {
    const isOver = ({ noticed }: Failure): boolean => noticed <= at;
    const over = this.#open.filter(isOver);
    this.#open = this.#open.filter((failure) => !isOver(failure));
    for (const failure of over) this.#options.listener.recovered(failure, at);
  }

  #begin(what: Omit<Failure, "noticed">): void {
    const failure = { ...what, noticed: this.#clock.now() };
    this.#open.push(failure);
    this.#options.listener.failed(failure);
  }
}
