/**
 * As what a contribution travels from the worker that computed it to where it is added: encoded, in fewer bytes than its
 * f32 elements have. What an encoding loses is kept as the residual of the part, and added to the next contribution of the
 * part (error feedback: Seide et al. 2014, "1-Bit Stochastic Gradient Descent"; Karimireddy et al. 2019). So everything is
 * exchanged in the end.
 *
 * A compressor is pure: what a contribution is encoded to depends on the contribution alone. So the result of a run
 * depends neither on the number of workers nor on failures.
 */
import type { ChoiceOptions } from "../../choice.js";

/** Encodes contributions, and decodes them. */
export interface Compressor {
  /** For errors: `f16`. */
  readonly name: string;
  /** The most bytes of an encoded vector of `length` elements: at most 4 an element. */
  bytes(length: number): number;
  /**
   * Encodes a vector into `out`, which has `bytes(length)` bytes. Elements that are not finite must be so after `decode`,
   * because that is how a part that failed is found.
   *
   * @returns the bytes that were used
   */
  encode(vector: Float32Array, out: Uint8Array): number;
  /** Decodes all elements of `out`. The same bytes give the same bits on every machine. */
  decode(encoded: Uint8Array, out: Float32Array): void;
}

/**
 * Makes a compressor from the options that a user gave: the default export of a compressor's module. Undefined:
 * contributions travel as they are.
 */
export type CompressorFactory = (options: ChoiceOptions) => Compressor | undefined;

/** A compressor by name. */
export interface CompressorDefinition {
  readonly name: string;
  readonly make: CompressorFactory;
}
