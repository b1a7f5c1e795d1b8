/** An evaluation under way: one replica evaluates the common state. */
import { Unanswered } from "../../actor/retry.js";
import type { WorkerProxy } from "./worker-proxy.js";

export class Evaluation {
  readonly #round: number;
  /** The worker whose memory holds the snapshot. */
  readonly #preferred: number;
  #evaluator: WorkerProxy | undefined;
  readonly #asked = new Unanswered();
  #factor = 1;

  constructor(round: number, preferred: number) {
    this.#round = round;
    this.#preferred = preferred;
  }

  /**
   * Asks a worker, unless a present worker is evaluating. A worker that takes longer than `patience` milliseconds may
   * never answer: then another worker is asked and given twice the time.
   */
  ask(members: readonly WorkerProxy[], patience: number, now: number): void {
    const able = members.filter(({ told }) => told === this.#round);
    if (this.#evaluator && able.includes(this.#evaluator) && !this.#asked.isLate(this.#factor * patience, now)) return;
    if (this.#evaluator) this.#factor *= 2;
    const others = able.length > 1 ? able.filter((member) => member !== this.#evaluator) : able;
    this.#evaluator = others.find(({ index }) => index === this.#preferred) ?? others[0];
    this.#evaluator?.evaluate(this.#round, now);
    this.#asked.sent(now);
  }
}
