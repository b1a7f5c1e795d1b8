/** Restores stale replicas from the snapshot in force, and takes all replicas back to it in a roll-back. */
import type { Ref } from "../../actor/ref.js";
import type { JournalClient } from "../journal/journal-client.js";
import type { ToCoordinator } from "../protocol.js";
import type { VoteResult } from "./majority-vote.js";
import type { Membership } from "./membership.js";
import type { WorkerProxy } from "./worker-proxy.js";

export class Healing {
  readonly #members: Membership;
  readonly #journal: JournalClient;
  readonly #self: Ref<ToCoordinator>;
  readonly #bytes: number;

  /** @param bytes of a snapshot */
  constructor(members: Membership, journal: JournalClient, self: Ref<ToCoordinator>, bytes: number) {
    this.#bytes = bytes;
    this.#members = members;
    this.#journal = journal;
    this.#self = self;
  }

  /** A set of the tensor store for the next snapshot, if one is free. */
  get freeSet(): number | undefined {
    return this.#journal.freeSet(this.#members.all.flatMap(({ restoring }) => restoring?.set ?? []));
  }

  /** Whether a snapshot is wanted, and a set is free: a worker waits to be restored, or the last workers with a state leave. */
  get isWanted(): boolean {
    return (this.#members.stale.length > 0 || this.#members.isDeserted) && this.freeSet !== undefined;
  }

  welcome(member: WorkerProxy): void {
    member.welcome(this.#journal.term, this.#self);
  }

  /** Restores the workers that wait, if the snapshot is of `round`. */
  heal(round: number, now: number): void {
    const { snapshot } = this.#journal;
    if (round !== snapshot.round) return;
    for (const member of this.#members.stale) member.restore(snapshot, now, this.#bytes);
  }

  /** Restores replicas on devices of other kinds from the state that was agreed on, because their last bits differ. */
  align({ agreed, deviceKind }: VoteResult, now: number): void {
    for (const member of this.#members.active) {
      if (member.info.deviceKind !== deviceKind) member.restore(agreed, now, this.#bytes);
    }
  }

  /** Marks all replicas as stale, and tells each the new term. */
  resetAll(): void {
    for (const member of this.#members.all) {
      member.reset();
      this.welcome(member);
    }
  }

  /** Repeats the messages to a worker that is being restored and has not answered. */
  remind(member: WorkerProxy, remind: number, now: number): void {
    if (!member.restoring || !member.asked.isLate(remind, now)) return;
    this.welcome(member);
    member.restoreAgain(now);
  }
}
