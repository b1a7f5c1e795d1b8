/**
 * How many learners become one model: what a strategy says, and all that it says. It is written for one part of one round;
 * which worker computes a part, and what happens when one fails, is decided elsewhere.
 *
 *     round r:  for each part p that takes part, some worker gives a learner the state of r, and calls `contribute`
 *               the contributions are added, in the order of the parts
 *               every replica of the global state calls `aggregate`, and is in the state of r + 1
 *
 * A part is a pure function of (global state, its own local state, round, part): any worker may compute it, again and
 * again. That, and the fixed order of sums, is why the result depends neither on the number of workers nor on what fails.
 */
import type { StrategyOptions } from "../training/strategy-choice.js";
import type { Learner, StateVectors } from "../workload/learner.js";
import type { Reduction } from "./reduction.js";

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

/** The images of a part in a round, and what its contribution counts; default: 1. */
export interface PartRows {
  readonly rows: Uint32Array;
  readonly weight?: number;
}

/** What a part is a function of, and where it leaves what it comes to. */
export interface Context {
  readonly round: number;
  /** Which exchange of the round; 0 where there is one. */
  readonly phase: number;
  readonly part: number;
  /** Training steps before this round. */
  readonly step: number;
  readonly rows: Uint32Array;
  /** The global state; with a delay of d, that of d rounds ago. The learner has taken over what of it has the name of its own. */
  readonly global: StateVectors;
  /** The newest global state: another one than `global` where there is a delay. */
  readonly latest: StateVectors;
  /** The local state of the part. The learner has taken this over too. */
  readonly local: StateVectors;
  /** The local state that the part will have; it is a copy of `local` until it is written to. */
  readonly next: StateVectors;
  /** The contribution goes here: of the ranges of this exchange, one after the other. */
  readonly out: Float32Array;
}

/** The global state, or a piece of it, where it lies: `aggregate` changes it. */
export interface Piece {
  readonly round: number;
  readonly phase: number;
  readonly step: number;
  readonly state: StateVectors;
  /** One step of the workload's optimizer, on those vectors of the state that have the names of a learner's. */
  update(gradient: Float32Array): Promise<void>;
}

/** How many replicas become one model. */
export interface Strategy {
  readonly name: string;
  /** `invariant`: the bits depend neither on the number of workers nor on failures. */
  readonly promise: "invariant";
  /** Of every round. */
  readonly parts: number;
  /** All parts of a round are there before the next begins; `delay`: rounds by which the state that parts see is older. */
  readonly consistency?: { readonly kind: "bulk"; readonly delay?: number };
  /** What `aggregate` asks of the contributions: their sum only, or each of them. */
  readonly needs: "sum" | "each";
  /** One for all; `parameters` first. */
  readonly global: readonly StateSpec[];
  /** One for each part. */
  readonly local?: readonly StateSpec[];
  /** Exchanges of a round. Default: 1. */
  readonly phases?: number;
  /** What of the flat vector is exchanged. Default: all of it. */
  exchange?(round: number, phase: number): readonly Range[];
  /** Training steps that a round makes, and the images that all its parts read. */
  advance(round: number): { readonly steps: number; readonly samples: number };
  /** The parts that take part, in ascending order. Default: all. */
  participants?(round: number): readonly number[];
  rows(round: number, part: number): PartRows;
  /** Computes a part. Resolves with its share of the loss. */
  contribute(learner: Learner, context: Context): Promise<number>;
  /** Takes the global state from this exchange to the next. */
  aggregate(piece: Piece, reduce: Reduction): Promise<void>;
}

/** What a strategy has to know of the run it is for. */
export interface StrategyRun {
  /** Parts that the user asked for. */
  readonly parts: number;
  /** Images of a step, of all parts together. */
  readonly batch: number;
  /** Training images. */
  readonly images: number;
  /** Of the whole run. */
  readonly steps: number;
  readonly seed: number;
  /** Elements of a flat vector. */
  readonly length: number;
  /** Names of the vectors of a learner's state, `parameters` first. */
  readonly state: readonly string[];
  /** The images that `part` reads in `count` steps from `first` on: of every step its share of the batch. */
  rows(first: number, count: number, part: number): Uint32Array;
  /** The same for rounds of one step each. */
  readonly stepRows: Strategy["rows"];
}

/** Makes a strategy from what the user gave: the default export of a strategy's module. */
export type StrategyFactory = (options: StrategyOptions, run: StrategyRun) => Strategy;
