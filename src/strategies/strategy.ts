/**
 * How many learners become one model: the whole of what a strategy has to say. It is written for one part of one round. Which
 * worker computes a part, and what happens when a worker fails, is decided in `cluster/`.
 *
 *     round r:  for each part that participates, some worker gives a learner the state of r, and calls `contribute`
 *               the contributions are added, in the order of the parts
 *               every replica of the global state calls `aggregate`, and is in the state of r + 1
 *
 * A part is a pure function of (global state, its own local state, round, part): any worker may compute it, any number of
 * times. So with the fixed order of sums the result depends neither on the number of workers nor on what fails.
 */
import type { ChoiceOptions } from "../choice.js";
import type { Learner, StateVectors } from "../workload/learner.js";
import type { Reduction } from "./rounds/reduction.js";

/** A flat vector of the state, as long as the parameters. Default of `initial`: zeros. */
export interface StateSpec {
  readonly name: string;
  readonly initial?: "parameters" | "zeros";
}

/** A stretch of the flat vector. */
export interface Range {
  readonly offset: number;
  readonly length: number;
}

/** The images of a part in a round, and the weight of its contribution (default: 1). */
export interface PartRows {
  readonly rows: Uint32Array;
  readonly weight?: number;
}

/** What `contribute` computes a part from, and the vectors that it writes the result to. */
export interface Context {
  readonly round: number;
  /** Which exchange of the round; 0 where there is one. */
  readonly phase: number;
  readonly part: number;
  /** Training steps before this round. */
  readonly step: number;
  readonly rows: Uint32Array;
  /** The global state; with a delay of d, that of d rounds ago. The learner already has those vectors whose names it knows. */
  readonly global: StateVectors;
  /** The newest global state. It differs from `global` where there is a delay. */
  readonly latest: StateVectors;
  /** The local state of the part. The learner already has those vectors whose names it knows. */
  readonly local: StateVectors;
  /** The local state of the part after this exchange; a copy of `local` until `contribute` writes to it. */
  readonly next: StateVectors;
  /** `contribute` writes its contribution here: the ranges of this exchange, one after the other. */
  readonly out: Float32Array;
}

/** The global state, or a piece of it, in place: `aggregate` changes these vectors. */
export interface Piece {
  readonly round: number;
  readonly phase: number;
  readonly step: number;
  readonly state: StateVectors;
  /** Makes one step of the workload's optimizer, on those vectors of the state whose names a learner's state has. */
  update(gradient: Float32Array): Promise<void>;
}

/**
 * All parts of a round are there before the next round begins. With a `delay` of d the parts see the state of d rounds ago. With a
 * `quorum` of q the first q parts to arrive are enough, and the others of the round are left out.
 */
export interface Bulk {
  readonly kind: "bulk";
  readonly delay?: number;
  readonly quorum?: number;
}

/**
 * Each part goes through its rounds by itself, and parameter servers aggregate each contribution when it comes. `async`: no part
 * waits for another. `stale`: in round r a part sees all contributions of the rounds before r - `bound`, and waits for those
 * that are missing.
 */
export type Free = { readonly kind: "async" } | { readonly kind: "stale"; readonly bound: number };

/** Each round adds noise to a sum of clipped contributions, in which each unit takes part with probability `rate`. */
export interface RoundPrivacy {
  /** The deviation of the noise, as a multiple of the longest contribution. */
  readonly noise: number;
  readonly rate: number;
  readonly delta: number;
  /** What one contribution is of. */
  readonly unit: "row" | "client";
}

/** How many replicas become one model. */
export interface Strategy {
  readonly name: string;
  /**
   * `invariant`: the bits depend neither on the number of workers nor on failures. `replayable`: they depend on the order of the
   * contributions, or on which of them counted, which is on disk, and one process computes the same bits from it.
   */
  readonly promise: "invariant" | "replayable";
  /** Number of parts of every round. */
  readonly parts: number;
  /** Default: `bulk`. */
  readonly consistency?: Bulk | Free;
  /**
   * What a contribution is: parameters, of which a compressor for differences takes how far they are from the global ones; or
   * gradients and differences (the default); or one at first and the other later.
   */
  readonly contributes?: "differences" | "parameters" | "both";
  /** What `aggregate` asks for: the sum of the contributions only, or each contribution. */
  readonly needs: "sum" | "each";
  /** What the global state reveals of a row, or of a client, if that is bounded: each round counts as one such mechanism. */
  readonly privacy?: RoundPrivacy;
  /** Vectors that all parts share; `parameters` first. */
  readonly global: readonly StateSpec[];
  /** Vectors that each part has for itself. */
  readonly local?: readonly StateSpec[];
  /** Number of exchanges of a round. Default: 1. */
  readonly phases?: number;
  /** The ranges of the flat vector that are exchanged. Default: all of it. */
  exchange?(round: number, phase: number): readonly Range[];
  /** Whether a part that goes by itself reads the newest global state in this round, or goes on from what it has. Default: true. */
  reads?(round: number): boolean;
  /** Training steps that a round makes, and the number of images that all its parts read together. */
  advance(round: number): { readonly steps: number; readonly samples: number };
  /** The parts that participate in the round, in ascending order. Default: all. */
  participants?(round: number): readonly number[];
  /** The rows that a part reads in a round, and their weights. */
  rows(round: number, part: number): PartRows;
  /** Computes a part. Resolves with its share of the loss. */
  contribute(learner: Learner, context: Context): Promise<number>;
  /** Takes the global state from this exchange to the next. */
  aggregate(piece: Piece, reduce: Reduction): Promise<void>;
}

/** What a strategy is told about its run. */
export interface StrategyRun {
  /** Parts that the user asked for. */
  readonly parts: number;
  /** Images of one step, for all parts together. */
  readonly batch: number;
  /** Training images. */
  readonly images: number;
  /** The key of a run that is private: random numbers that no one may know come from it. It has nothing to do with the seed. */
  readonly key?: Uint8Array;
  /** The class of each training image, where the data have them. */
  readonly labels?: ArrayLike<number>;
  /** Training steps of the whole run. */
  readonly steps: number;
  readonly seed: number;
  /** Elements of a flat vector. */
  readonly length: number;
  /** Names of the vectors of a learner's state, `parameters` first. */
  readonly state: readonly string[];
  /** The learning rate at a step. */
  rate(step: number): number;
  /** The images that `part` reads in `count` steps from `first` on: its share of the batch of each step. */
  rows(first: number, count: number, part: number): Uint32Array;
  /** The same for rounds of one step each. */
  readonly stepRows: Strategy["rows"];
}

/** Makes a strategy from the options that the user gave. The default export of a strategy's module is such a function. */
export type StrategyFactory = (options: ChoiceOptions, run: StrategyRun) => Strategy;
