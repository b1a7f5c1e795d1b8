/** Replays the entries of one piece. */
import { DataError } from "../error.js";
import { HeldPiece, type PieceState, type UpdatePiece } from "./held-piece.js";
import { type Entry, isCommit, type PieceOrder } from "./order-file.js";
import type { ServedRounds } from "./served-rounds.js";

export class PieceReplay {
  readonly #rounds: ServedRounds;
  readonly #order: PieceOrder;
  readonly #update: UpdatePiece;
  #held: HeldPiece;
  #version = 0;
  /** Copies of the states that are needed later, by version. */
  readonly #kept = new Map<number, PieceState>();
  readonly #needed: ReadonlySet<number>;
  readonly #last: number;

  constructor(rounds: ServedRounds, order: PieceOrder, round: number, begin: PieceState, update: UpdatePiece) {
    this.#rounds = rounds;
    this.#order = order;
    this.#update = update;
    this.#held = new HeldPiece(rounds, begin, update);
    this.#last = order.saves.findLast((save) => save.round === round)?.save ?? 0;
    const restored = order.entries.flatMap((entry) => ("restore" in entry ? entry.restore : []));
    this.#needed = new Set([this.#last, ...restored]);
    this.#keep();
  }

  get version(): number {
    return this.#version;
  }

  get parameters(): Float32Array {
    return this.#held.parameters;
  }

  /** The entry that makes the next version. */
  get next(): Entry | undefined {
    return this.#order.entries[this.#version];
  }

  /** The vectors of the last snapshot. */
  get last(): readonly Float32Array[] {
    return this.#at(this.#last).vectors;
  }

  async advance(contribution: Float32Array | undefined): Promise<void> {
    const { next } = this;
    if (!next) return;
    if ("restore" in next) this.#held = new HeldPiece(this.#rounds, this.#at(next.restore), this.#update);
    else if (isCommit(next) && contribution) await this.#held.apply(next.part, next.clock, contribution);
    this.#version++;
    this.#keep();
  }

  #keep(): void {
    if (this.#needed.has(this.#version)) this.#kept.set(this.#version, this.#held.saved);
  }

  #at(version: number): PieceState {
    const kept = this.#kept.get(version);
    if (kept) return kept;
    throw new DataError(`version ${version} of a piece is used before the order has it: the order is damaged`);
  }
}
