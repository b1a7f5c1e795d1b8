/**
 * As what a contribution travels from the worker that computed it to where it is added: encoded, in fewer bytes than its
 * f32 elements have. What an encoding loses is kept as the residual of the part, and added to the next contribution of the
 * part (error feedback: Seide et al. 2014, "1-Bit Stochastic Gradient Descent"; Karimireddy et al. 2019). So everything is
 * exchanged in the end.
 *
 *     phase 0:     e = prepare(contribution) + residual
 *     each phase:  every part sends encode(e); numbers = the sum of what decode makes of that; aggregate(numbers)
 *     the last:    the sum of all parts = expand(numbers);   residual = e - expand(decode(encode(e)))
 *
 * A compressor is pure: what it does depends on its arguments alone, and it keeps nothing in variables between two calls. So the
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

/** What a compressor is told of the contribution that it encodes. */
export interface EncodeContext {
  /** Which exchange of the round; 0 where there is one. */
  readonly phase: number;
  readonly part: number;
  /** Training steps before this round. */
  readonly step: number;
  /** The vectors of the part's own, which may be changed in place. */
  readonly local: CompressorVectors;
  /** The vectors that all parts share. Only `aggregate` may change them. */
  readonly global: CompressorVectors;
}

/** Encodes contributions, and decodes them. */
export interface Compressor {
  /** For errors, and for the names of its vectors in a checkpoint: `f16`. */
  readonly name: string;
  /**
   * Whether it is made for gradients and differences, which come to nothing in the end. Of contributions that are parameters it then
   * encodes how far they are from the global ones. Default: false.
   */
  readonly differences?: boolean;
  /** Number of exchanges of a round. Default: 1. */
  readonly phases?: number;
  /** Names of vectors that each part has for itself, beside its residual. They begin as zeros. Default: none. */
  readonly local?: readonly string[];
  /** Vectors that all parts share. Default: none. */
  readonly global?: readonly SharedVector[];
  /** Numbers that are added up in an exchange: 1 to `length`. Default: `length`, the elements of a contribution. */
  elements?(length: number, phase: number): number;
  /** The most bytes of an encoded contribution of `length` elements: at most 4 an element. */
  bytes(length: number, phase: number): number;
  /**
   * Changes a contribution in place before the residual is added to it, once in a round: clips it, or puts a momentum in its
   * place. Default: nothing.
   */
  prepare?(contribution: Float32Array, context: EncodeContext): void;
  /**
   * Encodes a contribution, with its residual, into `out`, which has `bytes(length, phase)` bytes. Where an element is not
   * finite, one of the decoded numbers must not be finite, because that is how a part that failed is found.
   *
   * @returns the bytes that were used
   */
  encode(vector: Float32Array, out: Uint8Array, context: EncodeContext): number;
  /** Decodes all numbers of `out`. The same bytes give the same bits on every machine. */
  decode(encoded: Uint8Array, out: Float32Array, phase: number): void;
  /** Takes over the sum of an exchange: changes the vectors that all parts share. Default: nothing. */
  aggregate?(numbers: Float32Array, context: { readonly phase: number; readonly global: CompressorVectors }): void;
  /**
   * Makes a whole vector of the numbers of the last exchange. It must be linear in `numbers`, as it is used for those of one
   * part and for their sum. Default: they are the vector.
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

/** What a compressor is told of its run. */
export interface CompressorRun {
  /** Elements of a contribution. */
  readonly length: number;
  /** The tensors of which a contribution has the gradients. Between two of them there may be a gap, of zeros. */
  readonly tensors: readonly CompressedTensor[];
  readonly parts: number;
  readonly seed: number;
  /** How products with matrices of a few columns are computed. Default: in plain TypeScript. */
  readonly products?: LowRankProducts;
}

/**
 * Makes a compressor from the options that a user gave: the default export of a compressor's module. Undefined:
 * contributions travel as they are.
 */
export type CompressorFactory = (options: ChoiceOptions, run: CompressorRun) => Compressor | undefined;

/** A compressor by name. */
export interface CompressorDefinition {
  readonly name: string;
  /** The option that a value without a key is: `topk:0.01` is `topk:share=0.01`. */
  readonly main?: string;
  readonly make: CompressorFactory;
}
