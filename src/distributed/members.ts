/** The workers as the coordinator sees them: who is there, in which state, and what it was last told. */
import type { ToWorker, WorkerCard, WorkerStatus } from "./protocol.js";
import type { Hand } from "./round.js";

/**
 * - `waiting`: there, but its state is none, or of the past
 * - `restoring`: told to take over a state
 * - `active`: in the state of the round, or on its way there
 */
export type MemberState = "waiting" | "restoring" | "active";

/** Weight of the newest measurement in what is known of a worker's pace. */
const NEWEST = 0.3;

export class Member {
  readonly card: WorkerCard;
  state: MemberState = "waiting";
  /** The round it was last told to go to, when, and the one it was last heard from in. */
  told = -1;
  toldAt = 0;
  heard = -1;
  /** It was told much and has answered nothing: until it does, nothing more is sent. */
  silent = false;
  /** While restoring: the message that says so. */
  restore: (ToWorker & { kind: "restore" }) | undefined;
  /** The round in which it was last asked to vote. */
  asked: number | undefined;
  /** The state that it had when it joined. */
  reported: { readonly round: number; readonly digest: string } | undefined;
  /** Milliseconds a part; 0: not known. */
  pace = 0;
  /** Parts that it has computed. */
  parts = 0;

  constructor(card: WorkerCard) {
    this.card = card;
  }

  get index(): number {
    return this.card.index;
  }

  measured(milliseconds: number): void {
    this.parts++;
    this.pace = this.pace === 0 ? milliseconds : (1 - NEWEST) * this.pace + NEWEST * milliseconds;
  }
}

export class Members {
  readonly #members = new Map<number, Member>();

  get all(): readonly Member[] {
    return [...this.#members.values()];
  }

  get active(): readonly Member[] {
    return this.in("active");
  }

  in(state: MemberState): readonly Member[] {
    return this.all.filter((member) => member.state === state);
  }

  get(index: number): Member | undefined {
    return this.#members.get(index);
  }

  /** A worker that has come, or come again. */
  add(card: WorkerCard): Member {
    const member = new Member(card);
    this.#members.set(card.index, member);
    return member;
  }

  remove(index: number): void {
    this.#members.delete(index);
  }

  /** The active ones as hands; of those whose pace is not known yet, the mean of the others is expected. */
  get hands(): Hand[] {
    const known = this.active.filter(({ pace }) => pace > 0);
    const mean = known.reduce((sum, { pace }) => sum + pace, 0) / Math.max(1, known.length);
    return this.active.map(({ index, pace }) => ({ index, pace: pace || mean }));
  }

  status(outstanding: (worker: number) => number): WorkerStatus[] {
    return this.all.map(({ index, card, state, parts }) => ({
      worker: index,
      device: card.device,
      state: state !== "active" ? "healing" : outstanding(index) > 0 ? "working" : "idle",
      parts,
    }));
  }
}
