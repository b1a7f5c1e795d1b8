/** Hands out the parts of a round, or a lease of many rounds, and repeats messages that may have been lost. */
import { SUMS } from "../../tensors/tensor-store.js";
import type { Lease } from "../protocol.js";
import type { LeaseManager, LeaseOutcome } from "./lease-manager.js";
import type { Membership } from "./membership.js";
import type { Grant } from "./part-scheduler.js";
import type { RoundHistory } from "./round-history.js";
import type { WorkerProxy } from "./worker-proxy.js";

export class Dispatch {
  readonly #members: Membership;
  readonly #rounds: RoundHistory;
  readonly #leases: LeaseManager;
  /** Milliseconds that the link needs for the vectors of a round. */
  readonly #transit: number;

  constructor(members: Membership, rounds: RoundHistory, leases: LeaseManager, transit = 0) {
    this.#transit = transit;
    this.#members = members;
    this.#rounds = rounds;
    this.#leases = leases;
  }

  /** Tells all workers of the round, and hands out the parts that no worker has. */
  hand(now: number): void {
    if (this.#held) return;
    const grants = this.#rounds.scheduler.assign(this.#members.available, now);
    const lease = this.#leases.grant(grants, this.#members.all, this.#rounds.number);
    this.#grant(grants, now, lease);
  }

  /** Hands out late parts again. */
  handLate(now: number): void {
    if (!this.#held) this.#grant(this.#rounds.scheduler.assignLate(this.#members.available, now, this.#transit), now);
  }

  /** Repeats the messages that a worker has not answered for longer than usual. */
  remind(member: WorkerProxy, remind: number, now: number): void {
    const parts = this.#rounds.scheduler.outstanding(member.index);
    if (parts.length === 0 && member.heard >= this.#rounds.number) return;
    if (!member.asked.isLate(this.#transit + Math.max(remind, 4 * parts.length * member.pace), now)) return;
    if (!member.advanceAgain(this.#rounds, parts, now)) this.#rounds.scheduler.release(member.index);
  }

  /** A worker is gone, or its replica has diverged: its parts go to other workers. */
  release(worker: number): void {
    this.#leases.leave(worker);
    this.#rounds.scheduler.release(worker);
  }

  /** Ends a lease whose outcome is known. Returns the round that it led to, and the rounds up to there. */
  settleLease(grace: number, now: number): Pick<LeaseOutcome, "round" | "commits"> | undefined {
    if (!this.#leases.isOver(grace, now)) return undefined;
    const { number, scheduler } = this.#rounds;
    const { round, commits, pace, there, ahead, missing } = this.#leases.settle(number);
    for (const member of this.#those(there)) {
      for (const _ of commits) member.measured(pace);
      member.activate(round);
    }
    for (const member of this.#those(ahead)) member.reset();
    for (const member of this.#those(missing)) member.markSilent();
    if (round <= number) {
      this.#leases.refuse(round);
      for (const worker of [...there, ...ahead, ...missing]) scheduler.release(worker);
    }
    return { round, commits };
  }

  #those(workers: readonly number[]): WorkerProxy[] {
    return workers.flatMap((worker) => this.#members.get(worker) ?? []);
  }

  /** Whether to wait with new parts: a worker that is being restored still needs sums that the next rounds would overwrite. */
  get #held(): boolean {
    return this.#members.all.some(({ restoring }) => restoring && this.#rounds.number - restoring.round >= SUMS - 2);
  }

  #grant(grants: readonly Grant[], now: number, lease?: Lease): void {
    const byWorker = new Map<number, Grant[]>();
    for (const grant of grants) byWorker.set(grant.worker, [...(byWorker.get(grant.worker) ?? []), grant]);
    for (const member of this.#members.active) {
      const parts = byWorker.get(member.index) ?? [];
      if (parts.length === 0 && member.told === this.#rounds.number) continue;
      if (member.advance(this.#rounds, parts, now, lease)) continue;
      this.#rounds.scheduler.release(member.index);
      this.#leases.end();
    }
  }
}
