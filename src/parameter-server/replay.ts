/**
 * Replays a run with parameter servers in one process: it computes the states of the pieces from the order on disk, with the same
 * bits. An entry needs its contribution. A contribution needs the versions that the part has read, and the contribution before it
 * in the same life. In the run everything was there before it was needed, so at least one piece can always go on.
 */
import { DataError } from "../error.js";
import type { Learner } from "../workload/learner.js";
import type { UpdatePiece } from "./held-piece.js";
import { type Commit, isCommit, type Order } from "./order-file.js";
import { PartLife } from "./part-life.js";
import { PieceReplay } from "./piece-replay.js";
import type { Life } from "./protocol.js";
import type { ServedRounds } from "./served-rounds.js";

export interface ReplayOptions {
  readonly rounds: ServedRounds;
  readonly order: Order;
  /** The state that the run began with. */
  readonly initial: readonly Float32Array[];
  readonly learner: Learner;
  /** The round whose state is wanted. Default: the last round for which all pieces were saved. */
  readonly round?: number;
  /** The run's optimizer, for each piece. */
  readonly updates: readonly UpdatePiece[];
}

export interface Replayed {
  /** The vectors of the global state that was saved last for `round`. */
  readonly vectors: readonly Float32Array[];
  readonly round: number;
  /** Contributions that were computed. */
  readonly contributions: number;
}

const lifeOf = ({ part, life }: Life): string => `${part} ${life}`;
const keyOf = ({ part, life, clock }: Life & { readonly clock: number }): string => `${part} ${life} ${clock}`;

/** @throws DataError for an order that contradicts itself */
export function replay(options: ReplayOptions): Promise<Replayed> {
  return new Replay(options).run();
}

/** Parameters that a part has read. Several contributions may be computed from them. */
interface Read {
  /** Allocated when the first piece is there. */
  parameters?: Float32Array;
  /** Pieces that are still to come. */
  missing: number;
}

/** A contribution of the run. */
interface Wanted {
  readonly read: Read;
  /** Pieces that have yet to apply it. */
  takers: number;
  out?: Float32Array;
}

class Replay {
  readonly #options: ReplayOptions;
  readonly #round: number;
  readonly #pieces: readonly PieceReplay[];
  readonly #wanted = new Map<string, Wanted>();
  /** For each piece: the reads of its versions, by version. */
  readonly #readers: readonly Map<number, Read[]>[];
  /** The first clock of each life, until it begins. */
  readonly #firsts = new Map<string, number>();
  readonly #lives = new Map<string, PartLife>();
  #contributions = 0;

  constructor(options: ReplayOptions) {
    const { rounds, order, initial, updates } = options;
    this.#options = options;
    this.#readers = order.pieces.map(() => new Map());
    this.#round = savedRound(order, options.round);
    this.#pieces = order.pieces.map((one, piece) => {
      const begin = rounds.initialPiece(initial, piece, order.step);
      return new PieceReplay(rounds, one, this.#round, begin, updates[piece]);
    });
    const reads = new Map<string, Read>();
    for (const { entries } of order.pieces) for (const entry of entries) if (isCommit(entry)) this.#want(entry, reads);
  }

  async run(): Promise<Replayed> {
    for (const [piece, one] of this.#pieces.entries()) this.#show(piece, one);
    for (let isMoving = true; isMoving; ) {
      isMoving = false;
      for (const [piece, one] of this.#pieces.entries()) {
        while (await this.#advance(piece, one)) isMoving = true;
      }
    }
    const stuck = this.#pieces.findIndex(({ next }) => next !== undefined);
    if (stuck >= 0) {
      throw new DataError(
        `the order of piece ${stuck} cannot go on after version ${this.#pieces[stuck].version}: a line is missing, or damaged`,
      );
    }
    return { vectors: this.#saved(), round: this.#round, contributions: this.#contributions };
  }

  #want(commit: Commit, reads: Map<string, Read>): void {
    const [key, life] = [keyOf(commit), lifeOf(commit)];
    const known = this.#wanted.get(key);
    this.#firsts.set(life, Math.min(this.#firsts.get(life) ?? commit.clock, commit.clock));
    if (known) {
      known.takers++;
      return;
    }
    const what = `${life} ${commit.reads}`;
    const read = reads.get(what) ?? this.#readOf(commit.reads);
    reads.set(what, read);
    this.#wanted.set(key, { read, takers: 1 });
  }

  #readOf(versions: readonly number[]): Read {
    const read: Read = { missing: versions.length };
    for (const [piece, version] of versions.entries()) {
      const readers = this.#readers[piece];
      readers.set(version, [...(readers.get(version) ?? []), read]);
    }
    return read;
  }

  /** Makes the next version of a piece, if its contribution can be computed. */
  async #advance(piece: number, one: PieceReplay): Promise<boolean> {
    const { next } = one;
    if (next === undefined) return false;
    const out = isCommit(next) ? await this.#contribution(next) : undefined;
    if (isCommit(next) && !out) return false;
    await one.advance(out && this.#options.rounds.pieceOf(out, piece));
    if (isCommit(next)) this.#taken(next);
    this.#show(piece, one);
    return true;
  }

  /** Copies the current version of a piece into the parameters of its reads. */
  #show(piece: number, one: PieceReplay): void {
    const { rounds } = this.#options;
    const readers = this.#readers[piece].get(one.version) ?? [];
    const parameters = readers.length > 0 ? one.parameters : undefined;
    for (const read of readers) {
      read.parameters ??= new Float32Array(rounds.length);
      if (parameters) rounds.pieceOf(read.parameters, piece).set(parameters);
      read.missing--;
    }
    this.#readers[piece].delete(one.version);
  }

  /** The contribution of an entry. Undefined while something that it needs is missing. */
  async #contribution(commit: Commit): Promise<Float32Array | undefined> {
    const wanted = this.#wanted.get(keyOf(commit));
    if (!wanted || wanted.out) return wanted?.out;
    const { read } = wanted;
    const life = this.#lifeOf(commit);
    if (!read.parameters || read.missing > 0 || life.clock !== commit.clock) return undefined;
    life.read(read.parameters, commit.reads);
    wanted.out = (await life.contribute(this.#options.learner)).out;
    this.#contributions++;
    return wanted.out;
  }

  #lifeOf(commit: Commit): PartLife {
    const key = lifeOf(commit);
    const known = this.#lives.get(key);
    if (known) return known;
    const life = new PartLife(this.#options.rounds, commit, this.#firsts.get(key) ?? commit.clock);
    this.#lives.set(key, life);
    return life;
  }

  /** A piece has applied a contribution. Forgets the contribution when all pieces have applied it. */
  #taken(commit: Commit): void {
    const wanted = this.#wanted.get(keyOf(commit));
    if (wanted && --wanted.takers === 0) this.#wanted.delete(keyOf(commit));
  }

  #saved(): Float32Array[] {
    const { rounds } = this.#options;
    const vectors = Array.from({ length: rounds.vectors }, () => new Float32Array(rounds.length));
    for (const [piece, { last }] of this.#pieces.entries()) {
      for (const [i, vector] of vectors.entries()) rounds.pieceOf(vector, piece).set(last[i]);
    }
    return vectors;
  }
}

/** The round that is asked for, or the last one for which all pieces were saved. @throws DataError if it was not saved */
function savedRound({ pieces }: Order, asked?: number): number {
  const [first, ...others] = pieces.map(({ saves }) => new Set(saves.map(({ round }) => round)));
  const common = [...first].filter((round) => others.every((rounds) => rounds.has(round)));
  if (asked !== undefined) {
    if (common.includes(asked)) return asked;
    throw new DataError(`the order has no snapshot of all pieces in round ${asked}: it is of another run, or damaged`);
  }
  if (common.length === 0)
    throw new DataError("the order has no snapshot of all pieces: the run ended before its first");
  return Math.max(...common);
}
