/**
 * One worker as the coordinator sees it: the state that it should be in, what it was last told, and what was last heard of
 * it. Whatever it is told goes through here, so that there is a record to repeat it from.
 */
import type { Ref } from "../../actor/ref.js";
import { SUMS } from "../../tensors/tensor-store.js";
import type { Lease, ReplicaState, Snapshot, Task, ToCoordinator, ToWorker, WorkerInfo } from "../protocol.js";

/**
 * - `waiting`: there, but its state is none, or of the past
 * - `restoring`: told to take over a state
 * - `active`: in the state of the round, or on its way there
 */
export type ProxyState = "waiting" | "restoring" | "active";

/** What a replica goes through: the round to be in, and how one gets there. */
export interface RoundSource {
  readonly number: number;
  /** The slot of what was combined in a round of late. */
  sum(round: number): number | undefined;
}

/** Weight of the newest measurement in what is known of a worker's pace. */
const NEWEST = 0.3;
/** What is left of its pace for each round that it had nothing to do in: who was slow once gets another chance. */
const FORGETTING = 0.8;

export class WorkerProxy {
  readonly info: WorkerInfo;
  state: ProxyState = "waiting";
  /** When it was last told something that it should answer. */
  toldAt = 0;
  /** It was told much and has answered nothing: until it does, nothing more is sent. */
  silent = false;
  /** The state that it had when it joined. */
  readonly reported: ReplicaState | undefined;
  /** Milliseconds a part; 0: not known. */
  pace = 0;
  /** Parts that it has computed. */
  parts = 0;
  #term = 0;
  /** Since when it has owed an answer, as far as it has given none since. */
  #waitingSince: number | undefined;
  /** The round it was last told to go to, and the one it was last heard from in. */
  #told = -1;
  #heard = -1;
  /** While restoring: the message that says so. */
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

  /** What it is to restore, while it has not. */
  get restoring(): Snapshot | undefined {
    return this.state === "restoring" ? this.#restore?.snapshot : undefined;
  }

  welcome(term: number, coordinator: Ref<ToCoordinator>): void {
    this.#term = term;
    this.info.ref.tell({ kind: "welcome", term, coordinator });
  }

  /** Its state counts no more. */
  reset(): void {
    Object.assign(this, { state: "waiting", silent: false });
    this.#restore = undefined;
    this.#told = this.#heard = -1;
  }

  /** It has not said where it is; until it says something, nothing more is sent. */
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
    this.#waitingSince = undefined;
    this.silent = false;
    this.#heard = Math.max(this.#heard, round);
  }

  /** Whether it has owed an answer for longer than `milliseconds`; then the count begins anew. */
  hasWaited(milliseconds: number, now: number): boolean {
    if (this.#waitingSince === undefined || now - this.#waitingSince <= milliseconds) return false;
    this.#waitingSince = now;
    return true;
  }

  measured(milliseconds: number): void {
    this.parts++;
    this.pace = this.pace === 0 ? milliseconds : (1 - NEWEST) * this.pace + NEWEST * milliseconds;
  }

  /**
   * Takes it to the round, from the state that it was told to be in, and has it compute `parts`. False when it has not
   * answered for rounds: what it would need is not kept for ever, so from now on it has to be restored.
   */
  advance(rounds: RoundSource, parts: readonly Task[], now: number, lease?: Lease): boolean {
    if (parts.length === 0) this.pace *= FORGETTING;
    return this.#advance(rounds, parts, this.#told + 1, now, lease);
  }

  /** As `lead`, from the state in which it was last heard of: what was said since may have been lost. */
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
      this.#ask({ kind: "advance", term: this.#term, round, sum: rounds.sum(round - 1), ...work }, now);
    }
    this.#told = number;
    return true;
  }

  #ask(message: ToWorker, now: number): void {
    this.toldAt = now;
    this.#waitingSince ??= now;
    this.info.ref.tell(message);
  }
}
