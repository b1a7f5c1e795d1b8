/**
 * What has failed in a run and is not over: training has not gone on since, or a node is not back. The story is told of
 * each step of it.
 */

import type { Struck } from "../../faults/strikes.js";
import type { Clock } from "../../world/world.js";
import type { Attendant, ToLedger } from "../protocol.js";
import type { Roster } from "./liveness.js";
import type { Failure, Story } from "./run-listener.js";

export interface FailuresPlace {
  readonly story: Pick<Story, "failed" | "recovered" | "rejoined">;
  /** The faults that a session of a node has failed of: of its process, or of the device of an actor in it. */
  faultsOf?(session: number, failed: Struck): readonly number[];
}

export class Failures {
  readonly #place: FailuresPlace;
  readonly #clock: Clock;
  readonly #roster: Roster;
  /** Training has not gone on since. */
  #open: Failure[] = [];
  /** Nodes that have failed and are not back. */
  readonly #away = new Set<string>();

  constructor(place: FailuresPlace, clock: Clock, roster: Roster) {
    this.#place = place;
    this.#clock = clock;
    this.#roster = roster;
  }

  /** A node is gone, or what it was there for: another is to come in its place. */
  lost(node: string, session: number, failure: string, failed: Struck = "process"): void {
    this.#away.add(node);
    const faults = this.#place.faultsOf?.(session, failed) ?? [];
    this.#begin({ target: node, failure, faults, stepsLost: 0, away: true });
  }

  /** Something failed in a node that goes on. */
  failed({ target, failure, stepsLost, fault }: ToLedger & { kind: "failed" }): void {
    const faults = fault === undefined ? [] : [fault];
    this.#begin({ target, failure, faults, stepsLost, away: false });
  }

  /** An attendant does its part: if its node was away, it is back. */
  isThere(attendant: Attendant): void {
    if (!this.#roster.isGone(attendant)) this.isBack(attendant.node);
  }

  isBack(node: string): void {
    if (this.#away.delete(node)) this.#place.story.rejoined(node);
  }

  /** Training went on, at this time: after what had failed by then. */
  resumed(at: number): void {
    const isOver = ({ noticed }: Failure): boolean => noticed <= at;
    const over = this.#open.filter(isOver);
    this.#open = this.#open.filter((failure) => !isOver(failure));
    for (const failure of over) this.#place.story.recovered(failure, at);
  }

  #begin(what: Omit<Failure, "noticed">): void {
    const failure = { ...what, noticed: this.#clock.now() };
    this.#open.push(failure);
    this.#place.story.failed(failure);
  }
}
