/**
 * Messages between the servers, the workers, the coordinator and the order log of a run with parameter servers. Like all messages
 * of a run they may be lost, doubled or late (`cluster/protocol.ts`), and handling one twice does no harm.
 *
 *     worker -> server        open, fetch, push, arrive: one part, in one of its lives
 *     server -> order log     begin, append, save
 *     coordinator -> worker   assign, evaluate
 *     coordinator -> server   save
 *
 * A part has *clocks*: its contributions, counted from 0. A *life* of a part is one stretch of clocks on one worker; a
 * later life has a larger number. A piece has *versions*: its entries in the order log, counted from 1.
 */
import type { Ref } from "../actor/ref.js";
import type { JournalState } from "../cluster/journal/journal-protocol.js";
import type { WorkerInfo } from "../cluster/protocol.js";
import type { Evaluation } from "../training/evaluate.js";
import type { PieceState } from "./held-piece.js";
import type { Mark } from "./marks.js";

/** A part in one of its lives. */
export interface Life {
  readonly part: number;
  readonly life: number;
}

/** The part has a later life. */
export interface Over {
  readonly kind: "over";
}

/** The server lacks what the part did before: the part opens again. Only where parts come together. */
export interface Missing {
  readonly kind: "missing";
}

export type Opened = { readonly kind: "opened"; readonly clock: number } | Over;
export type Fetched =
  | { readonly kind: "fetched"; readonly version: number; readonly values: Float32Array }
  | Missing
  | Over;
export type Pushed = { readonly kind: "pushed" } | Missing | Over;

/** A contribution as it is pushed: the piece of it that the server owns. */
interface Push extends Life {
  readonly clock: number;
  /** The version of each piece that the contribution was computed from. */
  readonly reads: readonly number[];
  readonly contribution: Float32Array;
}

/** The order to save the state of a piece for a snapshot. */
export interface SaveOrder {
  readonly term: number;
  /** Number among the orders of one coordinator. */
  readonly id: number;
  readonly round: number;
  /** The set of the tensor store that gets it. */
  readonly set: number;
}

export type ToServer =
  /** A life begins, and asks for its first clock. */
  | ({ readonly kind: "open"; readonly replyTo: Ref<Opened> } & Life)
  /** Asks for the parameters for a clock of a part. The answer comes when the bound on staleness allows it. */
  | ({ readonly kind: "fetch"; readonly clock: number; readonly replyTo: Ref<Fetched> } & Life)
  /** Sends a contribution. The answer comes when it is in the order log, and applied. */
  | ({ readonly kind: "push"; readonly replyTo: Ref<Pushed> } & Push)
  /** The part has done all clocks before this one. */
  | ({ readonly kind: "arrive"; readonly clock: number; readonly replyTo: Ref<Pushed> } & Life)
  | ({ readonly kind: "save"; readonly replyTo: Ref<ToServedCoordinator> } & SaveOrder)
  /** From the order log. */
  | Logged
  /** The server sends this to itself: send messages without an answer again. */
  | { readonly kind: "look" };

/** A change of a piece, in the order log. */
export type Change =
  /** A contribution was applied. */
  | (Life & { readonly clock: number; readonly reads: readonly number[] })
  /** This piece has lost the clocks of a part before this one, because a worker or a server failed before they were logged. */
  | { readonly part: number; readonly skip: number };

/** The entries of a piece that are on the disk. */
interface Logged {
  readonly kind: "logged";
  readonly version: number;
}

/** The state with which a server begins. */
export interface Begun {
  readonly version: number;
  /** How far each part is. */
  readonly marks: readonly Mark[];
  readonly state: PieceState;
  /** The parameters of the version before, where parts come together. */
  readonly before?: Float32Array;
}

/** A piece and the actor that writes its entries. */
export interface Writer {
  readonly piece: number;
  /** Address of the actor. */
  readonly owner: string;
}

export type ToOrderLog =
  | ({ readonly kind: "begin"; readonly incarnation: number; readonly replyTo: Ref<Begun> } & Writer)
  /** `first` is the version of the first of the changes. */
  | ({
      readonly kind: "append";
      readonly first: number;
      readonly changes: readonly Change[];
      readonly replyTo: Ref<ToServer>;
    } & Writer)
  /** Where parts come together: the piece is in this round. */
  | ({
      readonly kind: "keep";
      readonly round: number;
      readonly state: PieceState;
      readonly replyTo: Ref<ToServer>;
    } & Writer)
  /** Save what was kept. */
  | ({ readonly kind: "store"; readonly order: SaveOrder; readonly replyTo: Ref<ToServedCoordinator> } & Writer)
  | ({
      readonly kind: "save";
      readonly version: number;
      readonly state: PieceState;
      readonly order: SaveOrder;
      readonly replyTo: Ref<ToServedCoordinator>;
    } & Writer);

export type ToServedWorker =
  /** The parts of the worker, from now on. */
  | {
      readonly kind: "assign";
      readonly term: number;
      readonly coordinator: Ref<ToServedCoordinator>;
      readonly lives: readonly Life[];
      /** They go on until they have done this many clocks: see `Grant`. Default: to the end. */
      readonly until?: number;
    }
  /** Evaluate the state in this set of the tensor store. */
  | { readonly kind: "evaluate"; readonly term: number; readonly round: number; readonly set: number }
  | { readonly kind: "lose" }
  /** The worker sends this to itself: see `PartCourse.isLost`. */
  | { readonly kind: "check" }
  /** The worker sends these to itself: its device is lost, or its work failed. */
  | { readonly kind: "lost"; readonly why: string }
  | { readonly kind: "failed"; readonly error: unknown }
  /** The worker sends this to itself: check whether there is a coordinator. */
  | { readonly kind: "look" };

/** How far a part is. */
export interface Progress extends Life {
  /** Clocks that are done, on every server. Undefined before the life has begun. */
  readonly clock?: number;
  /** Whether a server knows a later life of the part. */
  readonly isOutlived?: boolean;
  /** Share of the loss at the last clock that was computed, and that clock. */
  readonly loss?: number;
  readonly lossAt?: number;
}

export type ToServedCoordinator =
  | {
      readonly kind: "join";
      readonly info: WorkerInfo;
      readonly parts: readonly Progress[];
      /** How far an earlier coordinator let them go. */
      readonly until: number;
    }
  /**
   * Sent after every clock, and in answer to `assign`. `done`: number of contributions that the worker has computed. `pace`:
   * milliseconds that the last took.
   */
  | {
      readonly kind: "progress";
      readonly term: number;
      readonly worker: number;
      readonly parts: readonly Progress[];
      readonly done: number;
      readonly pace: number;
    }
  | {
      readonly kind: "evaluated";
      readonly term: number;
      readonly round: number;
      readonly errors: Evaluation;
    }
  | { readonly kind: "saved"; readonly piece: number; readonly order: SaveOrder }
  /** The process of a worker ended. */
  | { readonly kind: "gone"; readonly worker: number; readonly incarnation: number }
  | JournalState
  /** Ends the run soon, with a snapshot. */
  | { readonly kind: "stop" }
  | { readonly kind: "tick" };
