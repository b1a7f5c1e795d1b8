/**
 * The coordinator's record of a worker: the state that the worker should be in, the last messages to it, and its last answer.
 * Every message to the worker goes through the proxy, so that the proxy can repeat it.
 */
import type { Ref } from "../../actor/ref.js";
import { Unanswered } from "../../actor/retry.js";
import { SUMS } from "../../tensors/tensor-store.js";
import type { Lease, ReplicaState, Snapshot, Task, ToCoordinator, ToWorker, WorkerInfo } from "../protocol.js";

/**
 * - `waiting`: present, but stale: it has to be restored
 * - `restoring`: told to restore a snapshot
 * - `active`: in the state of the round, or on its way there
 */
export type ProxyState = "waiting" | "restoring" | "active";

/** The current round, and the combined vectors that take a replica from one round to the next. */
export interface RoundSource {
  readonly number: number;
  /** Slot of the combined vector of a recent round. */
  sum(round: number): number | undefined;
  /** The parts that it combines, where a quorum of them is enough. */
  arrived?(round: number): readonly number[] | undefined;
  /** Bytes that a worker reads to go on from a round. */
  bytes?(round: number): number;
}

/** Weight of the newest measurement in a worker's pace. */
const NEWEST = 0.3;
/** Factor on a worker's pace for each round without a part, so that a worker that was slow once gets another chance. */
const FORGETTING = 0.8;

export class WorkerProxy {
  readonly info: WorkerInfo;
  state: ProxyState = "waiting";
  /** Messages that the worker still has to answer. */
  readonly asked = new Unanswered();
  /** The worker left several messages without an answer. It gets no more until it answers. */
  silent = false;
  /** The worker was asked to leave: it gets no more parts. */
  leaving = false;
  /** The state that the worker reported when it joined. */
  readonly reported: ReplicaState | undefined;
  /** Milliseconds a part; 0: not known. */
  pace = 0;
  /** The number of parts that the worker has computed. */
  parts = 0;
  readonly #carry: (bytes: number, then: () => void) => void;
  #term = 0;
  /** The round of the last message to the worker. */
  #told = -1;
  /** The round of its last answer. */
  #heard = -1;
  /** The message to repeat while the worker is restoring. */
  #restore: (ToWorker & { kind: "restore" }) | undefined;

  /** @param carry calls its last argument once the link has carried that number of bytes to the worker; default: at once */
  constructor(
    info: WorkerInfo,
    reported?: ReplicaState,
    carry: (bytes: number, then: () => void) => void = (_, then) => then(),
  ) {
    this.info = info;
    this.reported = reported;
    this.#carry = carry;
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

  /** The snapshot that the worker is restoring. */
  get restoring(): Snapshot | undefined {
    return this.state === "restoring" ? this.#restore?.snapshot : undefined;
  }

  welcome(term: number, coordinator: Ref<ToCoordinator>): void {
    this.#term = term;
    this.info.ref.tell({ kind: "welcome", term, coordinator });
  }

  /** Marks the worker's state as stale. */
  reset(): void {
    Object.assign(this, { state: "waiting", silent: false });
    this.#restore = undefined;
    this.#told = this.#heard = -1;
  }

  /** The worker has not answered. It gets no more messages until it does. */
  markSilent(): void {
    Object.assign(this, { state: "waiting", silent: true });
  }

  /** The worker is in the state of `round`. */
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
   * Sends the sums since the last message, and `parts` to compute. Returns false if the worker has not answered for several
   * rounds: the sums that it needs are overwritten, and it has to be restored.
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

  /** @param bytes of the state */
  restore(snapshot: Snapshot, now: number, bytes = 0): void {
    this.state = "restoring";
    this.#restore = { kind: "restore", term: this.#term, snapshot };
    this.#ask(this.#restore, now, bytes);
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
      const bytes = round > this.#told ? rounds.bytes?.(round - 1) : 0;
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
        bytes,
      );
    }
    this.#told = number;
    return true;
  }

  #ask(message: ToWorker, now: number, bytes = 0): void {
    this.asked.sent(now);
    this.#carry(bytes, () => this.info.ref.tell(message));
  }
}

function arrivedIn(rounds: RoundSource, round: number): { readonly arrived?: readonly number[] } {
  const arrived = rounds.arrived?.(round);
  return arrived ? { arrived } : {};
}
