/** Who does what in a round: hands out its parts, and says again what may have been lost. */
import { SUMS } from "../../tensors/tensor-store.js";
import type { Lease } from "../protocol.js";
import type { Leases } from "./lease-manager.js";
import type { Members } from "./membership.js";
import type { Grant } from "./part-scheduler.js";
import type { Rounds } from "./round-history.js";
import type { Member } from "./worker-proxy.js";

export class Dispatch {
  readonly #members: Members;
  readonly #rounds: Rounds;
  readonly #leases: Leases;

  constructor(members: Members, rounds: Rounds, leases: Leases) {
    this.#members = members;
    this.#rounds = rounds;
    this.#leases = leases;
  }

  /** Tells everyone about the round, and hands out what nobody has. */
  hand(now: number): void {
    if (this.#held) return;
    const grants = this.#rounds.books.assign(this.#members.hands, now);
    const lease = this.#leases.grant(grants, this.#members.all, this.#rounds.number);
    this.#grant(grants, now, lease);
  }

  /** Hands out late parts again. */
  handLate(now: number): void {
    if (!this.#held) this.#grant(this.#rounds.books.assignLate(this.#members.hands, now), now);
  }

  /** Says again what a worker has not answered for longer than usual. */
  remind(member: Member, remind: number, now: number): void {
    const parts = this.#rounds.books.outstanding(member.index);
    if (parts.length === 0 && member.heard >= this.#rounds.number) return;
    if (now - member.toldAt <= Math.max(remind, 4 * parts.length * member.pace)) return;
    if (!member.leadAgain(this.#rounds, parts, now)) this.#rounds.books.release(member.index);
  }

  /** Someone who is being restored still needs what the next rounds would overwrite. */
  get #held(): boolean {
    return this.#members.all.some(({ restoring }) => restoring && this.#rounds.number - restoring.round >= SUMS - 2);
  }

  #grant(grants: readonly Grant[], now: number, lease?: Lease): void {
    const byWorker = new Map<number, Grant[]>();
    for (const grant of grants) byWorker.set(grant.worker, [...(byWorker.get(grant.worker) ?? []), grant]);
    for (const member of this.#members.active) {
      const parts = byWorker.get(member.index) ?? [];
      if (parts.length === 0 && member.told === this.#rounds.number) continue;
      if (member.lead(this.#rounds, parts, now, lease)) continue;
      this.#rounds.books.release(member.index);
      this.#leases.end();
    }
  }
}
