/** The workers that are there. */

import type { WorkerCard, WorkerReport } from "../protocol.js";
import type { Hand } from "./part-scheduler.js";
import type { Member, MemberState } from "./worker-proxy.js";

export class Members {
  readonly #members = new Map<number, Member>();

  get all(): readonly Member[] {
    return [...this.#members.values()];
  }

  get active(): readonly Member[] {
    return this.in("active");
  }

  /** Those that need a state, and are there to take it. */
  get needy(): readonly Member[] {
    return this.in("waiting").filter(({ silent }) => !silent);
  }

  in(state: MemberState): readonly Member[] {
    return this.all.filter((member) => member.state === state);
  }

  get(index: number): Member | undefined {
    return this.#members.get(index);
  }

  /** A worker that has come, or come again. */
  add(member: Member): void {
    this.#members.set(member.index, member);
  }

  remove(index: number): void {
    this.#members.delete(index);
  }

  /** Those at work; of who is new, the mean pace of the others is expected. */
  get hands(): Hand[] {
    const { active } = this;
    const known = active.filter(({ pace }) => pace > 0);
    const mean = known.reduce((sum, { pace }) => sum + pace, 0) / Math.max(1, known.length);
    return active.map(({ index, pace }) => ({ index, pace: pace || mean }));
  }

  status(outstanding: (worker: number) => number): WorkerReport[] {
    return this.all.map(({ index, state, parts }) => ({
      worker: index,
      state: state !== "active" ? "healing" : outstanding(index) > 0 ? "working" : "idle",
      parts,
    }));
  }
}

/** Whether two cards are of the same incarnation of a worker. */
export const isSame = (a: WorkerCard, b: WorkerCard): boolean => a.ref.toString() === b.ref.toString();
