/**
 * A vote under way: the replicas are asked to save their state, each into memory of its own, and to tell its digest. It
 * is over when all have, or when most have and the others take too long.
 */
import { judge, type Verdict, type Vote } from "./majority-vote.js";
import type { Course, Member } from "./worker-proxy.js";

export class Election {
  readonly #course: Course;
  readonly #round: number;
  readonly #set: number;
  readonly #began: number;
  readonly #asked = new Set<Member>();
  readonly #votes = new Map<Member, Vote>();

  /** @param set where every replica saves its state */
  constructor(course: Course, set: number, now: number) {
    this.#course = course;
    this.#round = course.number;
    this.#set = set;
    this.#began = now;
  }

  get set(): number {
    return this.#set;
  }

  /** Asks those who were not asked yet. */
  ask(members: readonly Member[], now: number): void {
    for (const member of members) {
      if (this.#asked.has(member)) continue;
      if (member.told < this.#round && !member.lead(this.#course, [], now)) continue;
      this.#asked.add(member);
      member.save(this.#round, this.#set, now);
    }
  }

  /** Asks again who has not voted for so many milliseconds. */
  remind(member: Member, remind: number, now: number): void {
    if (now - member.toldAt <= remind) return;
    if (member.leadAgain(this.#course, [], now)) member.save(this.#round, this.#set, now);
  }

  /** It was asked, and has not voted. */
  owes(member: Member): boolean {
    return this.#asked.has(member) && !this.#votes.has(member);
  }

  take(member: Member, snapshot: Vote["snapshot"]): void {
    if (snapshot.round !== this.#round || snapshot.set !== this.#set) return;
    this.#votes.set(member, { worker: member.index, deviceKind: member.card.deviceKind, snapshot });
  }

  /** The outcome, when there is one. */
  verdict(members: readonly Member[], grace: number, now: number): Verdict | undefined {
    const missing = members.filter((member) => !this.#votes.has(member)).length;
    const late = now - this.#began > grace && 2 * missing < members.length;
    if (this.#votes.size === 0 || (missing > 0 && !late)) return undefined;
    return judge([...this.#votes.values()]);
  }
}
