/**
 * The keeper of the state of a run whose parts come together (`bulk-server.ts`): an actor of the main process. A part reads a round
 * only when the keeper has it. So a server that is started again begins with the newest round that any part can have read, and
 * nothing is lost with a server.
 */
import type { Behavior, Start } from "../actor/behavior.js";
import type { TensorStore } from "../tensors/tensor-store.js";
import type { PieceState } from "./held-piece.js";
import { SNAPSHOT_OWNER } from "./order-log.js";
import type { SaveOrder, ToOrderLog } from "./protocol.js";
import type { ServedRounds } from "./served-rounds.js";

interface KeeperOptions {
  readonly rounds: ServedRounds;
  /** The state that the run begins with. */
  readonly initial: readonly Float32Array[];
  /** The round that the run begins with. */
  readonly round: number;
  /** The tensor store, for the snapshots. */
  readonly tensors: TensorStore;
}

export function stateKeeper(options: KeeperOptions): Start<ToOrderLog> {
  return () => new StateKeeper(options);
}

interface Kept {
  owner: string;
  incarnation: number;
  round: number;
  state: PieceState;
  /** The parameters of the round before. */
  before: Float32Array;
  /** The snapshot that was saved last. */
  last: Pick<SaveOrder, "term" | "id">;
}

class StateKeeper implements Behavior<ToOrderLog> {
  readonly #options: KeeperOptions;
  readonly #pieces: readonly Kept[];

  constructor(options: KeeperOptions) {
    const { rounds, initial, round } = options;
    this.#options = options;
    this.#pieces = rounds.pieces.map((_, piece) => {
      const state = rounds.initialPiece(initial, piece, rounds.stepAt(round));
      const before = state.vectors[0];
      return { ...{ owner: "", incarnation: 0, round, state, before }, last: { term: 0, id: 0 } };
    });
  }

  receive(message: ToOrderLog): void {
    const piece = this.#pieces[message.piece];
    if (message.kind === "begin") this.#begin(piece, message);
    else if (message.owner !== piece.owner) return;
    else if (message.kind === "keep") this.#keep(piece, message);
    else if (message.kind === "store") this.#store(piece, message);
  }

  #begin(piece: Kept, { owner, incarnation, replyTo }: ToOrderLog & { kind: "begin" }): void {
    if (incarnation < piece.incarnation) return;
    piece.owner = owner;
    piece.incarnation = incarnation;
    const { round, state, before } = piece;
    replyTo.tell({ version: round, marks: [], state, before });
  }

  #keep(piece: Kept, { round, state, replyTo }: ToOrderLog & { kind: "keep" }): void {
    if (round > piece.round) {
      piece.before = piece.state.vectors[0];
      piece.round = round;
      piece.state = state;
    }
    replyTo.tell({ kind: "logged", version: piece.round });
  }

  #store(piece: Kept, { order, piece: number, replyTo }: ToOrderLog & { kind: "store" }): void {
    const { term, id } = piece.last;
    if (order.term < term || (order.term === term && order.id < id)) return;
    if (order.term > term || order.id > id) {
      if (piece.round !== order.round) return;
      piece.last = order;
      const { rounds, tensors } = this.#options;
      for (const [i, slot] of tensors.vectors(SNAPSHOT_OWNER, order.set).entries()) {
        rounds.pieceOf(slot, number).set(piece.state.vectors[i]);
      }
    }
    replyTo.tell({ kind: "saved", piece: number, order });
  }
}
