/**
 * Compressors encode the contributions of the parts, so that they are sent in fewer bytes than their f32 elements have. The
 * encoding of a contribution has an error. It is kept as the residual of the part, and added to the next contribution of the part
 * (error feedback: Seide et al. 2014, "1-Bit Stochastic Gradient Descent"; Karimireddy et al. 2019). So nothing is lost for good.
 *
 *     phase 0:     e = prepare(contribution) + residual
 *     each phase:  every part sends encode(e); numbers = the sum of decode(encode(e)) over all parts; aggregate(numbers)
 *     the last:    the sum of all parts = expand(numbers);   residual = e - expand(decode(encode(e)))
 *
 * A compressor is pure: its results depend on its arguments alone, and it keeps nothing in variables between two calls. So the
 * result of a run depends neither on the number of workers nor on failures.
 */
import type { ChoiceOptions } from "../../choice.js";
import type { LowRankProducts } from "./low-rank.js";

/** Flat vectors by name, as long as a contribution. */
export type CompressorVectors = Readonly<Record<string, Float32Array>>;

/** A vector that all parts share. */
export interface SharedVector {
  readonly name: string;
  /** Fills it before the first round. Default: zeros. */
  initial?(vector: Float32Array): void;
}

/** The context of the contribution that a compressor encodes. */
export interface EncodeContext {
  /** Number of the exchange within the round, from 0. */
  readonly phase: number;
  readonly part: number;
  /** Training steps before this round. */
  readonly step: number;
  /** The part's own vectors. They may be changed in place. */
  readonly local: CompressorVectors;
  /** The vectors that all parts share. Only `aggregate` may change them. */
  readonly global: CompressorVectors;
}

/** Encodes contributions, and decodes them. */
export interface Compressor {
  /** For errors, and for the names of its vectors in a checkpoint: `f16`. */
  readonly name: string;
  /**
   * Whether it is made for vectors that become small as training converges: gradients, and differences of parameters. A strategy
   * whose contributions are parameters then gives it their difference from the global parameters. Default: false.
   */
  readonly differences?: boolean;
  /** Number of exchanges of a round. Default: 1. */
  readonly phases?: number;
  /** Names of the vectors that each part has of its own, beside its residual. They begin as zeros. Default: none. */
  readonly local?: readonly string[];
  /** Vectors that all parts share. Default: none. */
  readonly global?: readonly SharedVector[];
  /** The count of numbers that are added up in an exchange: 1 to `length`. Default: `length`, the elements of a contribution. */
  elements?(length: number, phase: number): number;
  /** The most bytes of an encoded contribution of `length` elements: at most 4 an element. */
  bytes(length: number, phase: number): number;
  /**
   * Changes a contribution in place before the residual is added to it, once in a round. It may clip the contribution, or replace
   * it by a momentum, for example. Default: nothing.
   */
  prepare?(contribution: Float32Array, context: EncodeContext): void;
  /**
   * Encodes a contribution, with its residual, into `out`, which has `bytes(length, phase)` bytes. If an element is not finite, at
   * least one decoded number must not be finite either, because that shows that training diverges.
   *
   * @returns the bytes that were used
   */
  encode(vector: Float32Array, out: Uint8Array, context: EncodeContext): number;
  /** Decodes all numbers of `out`. The same bytes give the same bits on every machine. */
  decode(encoded: Uint8Array, out: Float32Array, phase: number): void;
  /** Takes the sum of an exchange, and changes the vectors that all parts share. Default: nothing. */
  aggregate?(numbers: Float32Array, context: { readonly phase: number; readonly global: CompressorVectors }): void;
  /**
   * Makes a whole vector from the numbers of the last exchange. It must be linear in `numbers`, because it is used for the numbers
   * of one part and for the sum of all parts. Default: the numbers are the vector.
   */
  expand?(numbers: Float32Array, out: Float32Array, global: CompressorVectors): void;
}

/** A matrix within a contribution: `rows` x `columns` elements from `offset` on, row by row. */
export interface CompressedTensor {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  readonly offset: number;
}

/** The run of a compressor. */
export interface CompressorRun {
  /** Elements of a contribution. */
  readonly length: number;
  /** The tensors whose gradients a contribution has. Between two of them there may be a gap of zeros. */
  readonly tensors: readonly CompressedTensor[];
  readonly parts: number;
  readonly seed: number;
  /** Computes products with matrices of a few columns. Default: plain TypeScript. */
  readonly products?: LowRankProducts;
}

/**
 * Makes a compressor from the options that a user gave. It is the default export of a compressor's module. If it returns
 * undefined, contributions are sent as they are.
 */
export type CompressorFactory = (options: ChoiceOptions, run: CompressorRun) => Compressor | undefined;

/** A compressor by name. */
export interface CompressorDefinition {
  readonly name: string;
  /** The option whose value may be given without its name: `topk:0.01` means `topk:share=0.01`. */
  readonly main?: string;
  readonly make: CompressorFactory;
}
