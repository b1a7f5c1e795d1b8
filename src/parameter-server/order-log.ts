/**
 * The order log: an actor of the main process that writes the order of a run's contributions to disk, and keeps the last saved
 * state of each piece. A server applies a contribution only when its entry is on disk. So no part reads a version that the log
 * does not have.
 *
 * A server that is started again gets the last saved state. The later contributions to its piece are lost, but no more than those
 * of the rounds since the last snapshot. The log keeps their entries, because parts have read the versions that they made.
 */
import type { Behavior, Start } from "../actor/behavior.js";
import type { TensorStore } from "../tensors/tensor-store.js";
import { explained } from "../world/disk-error.js";
import type { Disk } from "../world/world.js";
import type { PieceState } from "./held-piece.js";
import { firstMarks, type Mark, note } from "./marks.js";
import { type Entry, lineBreak, orderLine } from "./order-file.js";
import type { SaveOrder, ToOrderLog, Writer } from "./protocol.js";
import type { ServedRounds } from "./served-rounds.js";

/** The worker whose sets in the tensor store have the snapshots. */
export const SNAPSHOT_OWNER = 0;

export interface OrderLogOptions {
  readonly disk: Pick<Disk, "append" | "status" | "readRange">;
  /** Path of the order file. */
  path(): string;
  readonly rounds: ServedRounds;
  /** The state that the run begins with. */
  readonly initial: readonly Float32Array[];
  /** The round that the run begins with. */
  readonly round: number;
  /** The tensor store, for the snapshots. */
  readonly tensors: TensorStore;
}

export function orderLog(options: OrderLogOptions): Start<ToOrderLog> {
  return () => new OrderLog(options);
}

/** The log's record of a piece. */
interface Logged {
  owner: string;
  incarnation: number;
  /** Number of entries. */
  version: number;
  /** The version with which the owner began. */
  begun: number;
  readonly marks: Mark[];
  saved: { readonly version: number; readonly state: PieceState };
  /** The snapshot that was saved last. */
  last: Pick<SaveOrder, "term" | "id">;
}

class OrderLog implements Behavior<ToOrderLog> {
  readonly #options: OrderLogOptions;
  readonly #pieces: readonly Logged[];
  #isHeaded = false;

  constructor(options: OrderLogOptions) {
    const { rounds, initial, round } = options;
    this.#options = options;
    this.#pieces = rounds.pieces.map((_, piece) => ({
      owner: "",
      incarnation: 0,
      version: 0,
      begun: 0,
      marks: firstMarks(rounds.parts, round),
      saved: { version: 0, state: rounds.initialPiece(initial, piece, rounds.stepAt(round)) },
      last: { term: 0, id: 0 },
    }));
  }

  receive(message: ToOrderLog): Promise<void> | void {
    const piece = this.#pieces[message.piece];
    switch (message.kind) {
      case "begin":
        return this.#begin(piece, message);
      case "append":
        return message.owner === piece.owner ? this.#append(piece, message) : undefined;
      case "save":
        return message.owner === piece.owner ? this.#save(piece, message) : undefined;
    }
  }

  /** A server begins. A repeated question gets the same answer, until the server appends its first entry. */
  async #begin(
    piece: Logged,
    { owner, incarnation, replyTo, ...message }: ToOrderLog & { kind: "begin" },
  ): Promise<void> {
    if (incarnation < piece.incarnation) return;
    if (owner !== piece.owner) {
      piece.owner = owner;
      piece.incarnation = incarnation;
      if (piece.version > 0) await this.#write(message.piece, piece, [{ restore: piece.saved.version }]);
      piece.begun = piece.version;
    }
    if (piece.begun !== piece.version) return;
    const { version, marks, saved } = piece;
    replyTo.tell({ version, marks, state: saved.state });
  }

  async #append(piece: Logged, { first, changes, replyTo, ...writer }: ToOrderLog & { kind: "append" }): Promise<void> {
    const news = changes.slice(Math.max(0, piece.version + 1 - first));
    const isNext = first <= piece.version + 1;
    if (isNext && news.length > 0) {
      await this.#write(writer.piece, piece, news);
      for (const change of news) note(piece.marks, change);
    }
    replyTo.tell({ kind: "logged", version: piece.version });
  }

  async #save(piece: Logged, message: ToOrderLog & { kind: "save" }): Promise<void> {
    const { version, state, order, replyTo } = message;
    const { term, id } = piece.last;
    if (order.term < term || (order.term === term && order.id < id)) return;
    if (order.term > term || order.id > id) {
      piece.last = order;
      piece.saved = { version, state };
      const { rounds, tensors } = this.#options;
      for (const [i, slot] of tensors.vectors(SNAPSHOT_OWNER, order.set).entries()) {
        rounds.pieceOf(slot, message.piece).set(state.vectors[i]);
      }
      await this.#put(orderLine({ piece: message.piece, save: version, round: order.round }));
    }
    replyTo.tell({ kind: "saved", piece: message.piece, order });
  }

  async #write(number: Writer["piece"], piece: Logged, entries: readonly Entry[]): Promise<void> {
    await this.#put(entries.map((entry) => orderLine({ piece: number, ...entry })).join(""));
    piece.version += entries.length;
  }

  async #put(text: string): Promise<void> {
    const { rounds, round, disk } = this.#options;
    const { parts, length, pieces } = rounds;
    const path = this.#options.path();
    const head = orderLine({ servers: pieces.length, parts, length, step: rounds.stepAt(round) });
    const before = this.#isHeaded ? "" : (await explained("read", path, lineBreak(disk, path))) + head;
    this.#isHeaded = true;
    await explained("write", path, disk.append(path, before + text));
  }
}
