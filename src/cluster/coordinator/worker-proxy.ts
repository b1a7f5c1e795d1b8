/**
 * A worker as the coordinator sees it: the state that it should be in, the last messages to it, and the last answer.
 * Every message to the worker goes through here, so that it can be repeated.
 */
import type { Ref } from "../../actor/ref.js";
import { Unanswered } from "../../actor/retry.js";
import { SUMS } from "../../tensors/tensor-store.js";
import type { Lease, ReplicaState, Snapshot, Task, ToCoordinator, ToWorker, WorkerInfo } from "../protocol.js";

/**
 * - `waiting`: present, without a state of use
 * - `restoring`: told to restore a snapshot
 * - `active`: in the state of the round, or on its way there
 */
export type ProxyState = "waiting" | "restoring" | "active";

/** What takes a replica from one round to the next. */
export interface RoundSource {
  readonly number: number;
  /** Slot of the combined vector of a recent round. */
  sum(round: number): number | undefined;
  /** The parts that it combines, where a quorum of them is enough. */
  arrived?(round: number): readonly number[] | undefined;
}

/** Weight of the newest measurement in a worker's pace. */
const NEWEST = 0.3;
/** Factor of its pace for each round without a part, so that a worker that was slow once gets another chance. */
const FORGETTING = 0.8;

export class WorkerProxy {
  readonly info: WorkerInfo;
  state: ProxyState = "waiting";
  /** Messages to it that need an answer. */
  readonly asked = new Unanswered();
  /** It left several messages without an answer. It gets no more until it answers. */
  silent = false;
  /** The state that it reported when it joined. */
  readonly reported: ReplicaState | undefined;
  /** Milliseconds a part; 0: not known. */
  pace = 0;
  /** Parts that it has computed. */
  parts = 0;
  #term = 0;
  /** The round of the last message to it, and the round of its last answer. */
  #told = -1;
  #heard = -1;
  /** The message to repeat while restoring. */
  #restore: (ToWorker & { kind: "restore" }) | undefined;

  constructor(info: WorkerInfo, reported?: ReplicaState) {
    this.info = info;
    this.reported = reported;
  }

  get index(): number {
    return this.info.index;
  }

  get told(): number {
    return this.#told;
  }

  get heard(): number {
    return this.#heard;
  }

  /** The snapshot that it is restoring. */
  get restoring(): Snapshot | undefined {
    return this.state === "restoring" ? this.#restore?.snapshot : undefined;
  }

  welcome(term: number, coordinator: Ref<ToCoordinator>): void {
    this.#term = term;
    this.info.ref.tell({ kind: "welcome", term, coordinator });
  }

  /** Its state is of no more use. */
  reset(): void {
    Object.assign(this, { state: "waiting", silent: false });
    this.#restore = undefined;
    this.#told = this.#heard = -1;
  }

  /** It has not reported its round: it gets no more messages until it answers. */
  markSilent(): void {
    Object.assign(this, { state: "waiting", silent: true });
  }

  /** It is in state `round`. */
  activate(round: number): void {
    this.state = "active";
    this.#restore = undefined;
    this.#told = this.#heard = round;
  }

  hear(round: number): void {
    this.asked.answered();
    this.silent = false;
    this.#heard = Math.max(this.#heard, round);
  }

  measured(milliseconds: number): void {
    this.parts++;
    this.pace = this.pace === 0 ? milliseconds : (1 - NEWEST) * this.pace + NEWEST * milliseconds;
  }

  /**
   * Sends what leads from the last message to the round, and `parts` to compute. False when the worker has not answered
   * for several rounds: the sums that it would need are gone, and it has to be restored.
   */
  advance(rounds: RoundSource, parts: readonly Task[], now: number, lease?: Lease): boolean {
    if (parts.length === 0) this.pace *= FORGETTING;
    return this.#advance(rounds, parts, this.#told + 1, now, lease);
  }

  /** As `advance`, but from the round of its last answer: later messages may have been lost. */
  advanceAgain(rounds: RoundSource, parts: readonly Task[], now: number): boolean {
    return this.#advance(rounds, parts, this.#heard + 1, now);
  }

  save(round: number, set: number, now: number): void {
    this.#ask({ kind: "save", term: this.#term, round, set }, now);
  }

  evaluate(round: number, now: number): void {
    this.#ask({ kind: "evaluate", term: this.#term, round }, now);
  }

  restore(snapshot: Snapshot, now: number): void {
    this.state = "restoring";
    this.#restore = { kind: "restore", term: this.#term, snapshot };
    this.restoreAgain(now);
  }

  restoreAgain(now: number): void {
    if (this.#restore) this.#ask(this.#restore, now);
  }

  #advance(rounds: RoundSource, parts: readonly Task[], from: number, now: number, lease?: Lease): boolean {
    const { number } = rounds;
    if (number - this.#heard > SUMS - 2) {
      this.markSilent();
      return false;
    }
    for (let round = Math.min(from, number); round <= number; round++) {
      const work = round === number ? { parts, lease } : { parts: [] };
      this.#ask(
        {
          kind: "advance",
          term: this.#term,
          round,
          sum: rounds.sum(round - 1),
          ...arrivedIn(rounds, round - 1),
          ...work,
        },
        now,
      );
    }
    this.#told = number;
    return true;
  }

  #ask(message: ToWorker, now: number): void {
    this.asked.sent(now);
    this.info.ref.tell(message);
  }
}

function arrivedIn(rounds: RoundSource, round: number): { readonly arrived?: readonly number[] } {
  const arrived = rounds.arrived?.(round);
  return arrived ? { arrived } : {};
}
