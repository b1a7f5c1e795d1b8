/**
 * A vote under way: each replica saves its state to memory of its own and reports the digest. The vote is over when all
 * replicas have voted, or when most have and the others take too long.
 */
import { majorityVote, type Vote, type VoteResult } from "./majority-vote.js";
import type { RoundSource, WorkerProxy } from "./worker-proxy.js";

export class VoteCollection {
  readonly #rounds: RoundSource;
  readonly #round: number;
  readonly #set: number;
  readonly #began: number;
  readonly #asked = new Set<WorkerProxy>();
  readonly #votes = new Map<WorkerProxy, Vote>();

  /** @param set where every replica saves its state */
  constructor(rounds: RoundSource, set: number, now: number) {
    this.#rounds = rounds;
    this.#round = rounds.number;
    this.#set = set;
    this.#began = now;
  }

  get set(): number {
    return this.#set;
  }

  /** Asks replicas that were not asked yet. */
  ask(members: readonly WorkerProxy[], now: number): void {
    for (const member of members) {
      if (this.#asked.has(member)) continue;
      if (member.told < this.#round && !member.advance(this.#rounds, [], now)) continue;
      this.#asked.add(member);
      member.save(this.#round, this.#set, now);
    }
  }

  /** Asks a replica again that has not voted for `remind` milliseconds. */
  remind(member: WorkerProxy, remind: number, now: number): void {
    if (!member.asked.isLate(remind, now)) return;
    if (member.advanceAgain(this.#rounds, [], now)) member.save(this.#round, this.#set, now);
  }

  /** The replica was asked and has not voted. */
  owes(member: WorkerProxy): boolean {
    return this.#asked.has(member) && !this.#votes.has(member);
  }

  take(member: WorkerProxy, snapshot: Vote["snapshot"]): void {
    if (snapshot.round !== this.#round || snapshot.set !== this.#set) return;
    this.#votes.set(member, { worker: member.index, deviceKind: member.info.deviceKind, snapshot });
  }

  /** The result, once there is one. */
  result(members: readonly WorkerProxy[], grace: number, now: number): VoteResult | undefined {
    const missing = members.filter((member) => !this.#votes.has(member)).length;
    const late = now - this.#began > grace && 2 * missing < members.length;
    if (this.#votes.size === 0 || (missing > 0 && !late)) return undefined;
    return majorityVote([...this.#votes.values()]);
  }
}
