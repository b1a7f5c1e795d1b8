/** The workers of a coordinator. */

import type { WorkerReport } from "../journal/journal-protocol.js";
import type { WorkerInfo } from "../protocol.js";
import type { AvailableWorker } from "./part-scheduler.js";
import type { ProxyState, WorkerProxy } from "./worker-proxy.js";

export class Membership {
  readonly #members = new Map<number, WorkerProxy>();

  get all(): readonly WorkerProxy[] {
    return [...this.#members.values()];
  }

  get active(): readonly WorkerProxy[] {
    return this.in("active");
  }

  /** Workers that wait for a state. */
  get stale(): readonly WorkerProxy[] {
    return this.in("waiting").filter(({ silent }) => !silent);
  }

  /** Workers that were not asked to leave. */
  get staying(): readonly WorkerProxy[] {
    return this.all.filter(({ leaving }) => !leaving);
  }

  /** Whether all workers with a state were asked to leave. */
  get isDeserted(): boolean {
    const { active } = this;
    return active.length > 0 && active.every(({ leaving }) => leaving);
  }

  in(state: ProxyState): readonly WorkerProxy[] {
    return this.all.filter((member) => member.state === state);
  }

  get(index: number): WorkerProxy | undefined {
    return this.#members.get(index);
  }

  /** Adds a worker, or a new incarnation of it. */
  add(member: WorkerProxy): void {
    this.#members.set(member.index, member);
  }

  remove(index: number): void {
    this.#members.delete(index);
  }

  /**
   * Active workers that stay, or if there are none, those that leave. A worker without measurements counts with the mean pace of
   * the others: with more it might never get a part.
   */
  get available(): AvailableWorker[] {
    const active = this.isDeserted ? this.active : this.active.filter(({ leaving }) => !leaving);
    const known = active.filter(({ pace }) => pace > 0);
    const mean = known.reduce((sum, { pace }) => sum + pace, 0) / Math.max(1, known.length);
    return active.map(({ index, pace }) => ({ index, pace: pace || mean }));
  }

  status(outstanding: (worker: number) => number): WorkerReport[] {
    return this.all.map(({ index, state, parts, pace }) => ({
      worker: index,
      state: state !== "active" ? "healing" : outstanding(index) > 0 ? "working" : "idle",
      ...{ parts, pace },
    }));
  }
}

/** Whether both are the same incarnation of a worker. */
export const isSame = (a: WorkerInfo, b: WorkerInfo): boolean => a.ref.toString() === b.ref.toString();
