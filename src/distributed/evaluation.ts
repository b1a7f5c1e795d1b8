/** An evaluation under way: one replica measures the state that all are in. */
import type { Member } from "./member.js";

export class Evaluation {
  readonly #round: number;
  /** Whose memory the snapshot lies in: why not this one. */
  readonly #preferred: number;
  #evaluator: Member | undefined;
  #askedAt = 0;

  constructor(round: number, preferred: number) {
    this.#round = round;
    this.#preferred = preferred;
  }

  /** Asks someone, unless somebody who is there is at it, and was asked less than `patience` milliseconds ago. */
  ask(members: readonly Member[], patience: number, now: number): void {
    const able = members.filter(({ told }) => told === this.#round);
    if (this.#evaluator && able.includes(this.#evaluator) && now - this.#askedAt <= patience) return;
    this.#evaluator = able.find(({ index }) => index === this.#preferred) ?? able[0];
    this.#evaluator?.evaluate(this.#round, now);
    this.#askedAt = now;
  }
}
