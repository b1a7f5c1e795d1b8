/**
 * Gradients of low rank, after Vogels, Karimireddy & Jaggi 2019, "PowerSGD: Practical Low-Rank Gradient Compression for Distributed
 * Optimization". Each matrix M of the layout gets one step of power iteration, which begins with Q of the round before.
 *
 *     first exchange:   each part sends P_p = M_p Q;   P = the orthonormal columns of the sum of the P_p (Gram-Schmidt)
 *     second exchange:  each part sends Q_p = M_p^T P;   Q = the sum of the Q_p;   the sum of the M_p = P Q^T
 *
 * M_p is the gradient of the part plus its residual. The new residual is M_p - P Q_p^T. (The paper subtracts the mean of all parts
 * instead. The sum of all residuals is the same.) Q begins as normal random numbers from the seed. A column of Q that has become
 * zeros, because the gradients had a lower rank, begins again as random numbers. Biases, and matrices that have no more elements
 * than their P and Q together, are sent uncompressed in the second exchange.
 */
import { refuseOptions, wholeOption } from "../../choice.js";
import { Random } from "../../world/random.js";
import type { CompressedTensor, CompressorDefinition, CompressorRun, CompressorVectors } from "./compressor.js";
import { type LowRankProducts, portableProducts } from "./low-rank.js";
import { orthonormalise } from "./orthonormal.js";

const OWNER = "compressor powersgd";
const FLOAT_BYTES = 4;
/** Stream of the random numbers of Q. */
const STREAM = 0x9051;

export const powersgd: CompressorDefinition = {
  name: "powersgd",
  main: "rank",
  make(options, run) {
    refuseOptions(OWNER, options, ["rank"]);
    const rank = wholeOption(OWNER, options, "rank", 4, [1, 64]);
    const layout = new Layout(run, rank);
    const { products = portableProducts } = run;
    return {
      name: "powersgd",
      differences: true,
      phases: 2,
      global: [{ name: "factors", initial: (vector) => layout.seed(vector) }],
      elements: (_, phase) => layout.elements[phase],
      bytes: (_, phase) => FLOAT_BYTES * layout.elements[phase],
      encode(vector, out, { phase, global }) {
        const numbers = new Float32Array(out.buffer, out.byteOffset, layout.elements[phase]);
        if (phase === 0) layout.project(vector, global, numbers, products);
        else layout.send(vector, global, numbers, products);
        return out.length;
      },
      decode: (encoded, out) => new Uint8Array(out.buffer, out.byteOffset, out.byteLength).set(encoded),
      aggregate(numbers, { phase, global }) {
        if (phase === 0) layout.takeBasis(numbers, global);
        else layout.takeFactors(numbers, global);
      },
      expand: (numbers, out, global) => layout.expand(numbers, out, global, products),
    };
  },
};

/** A matrix of the layout, with the places of its P in the first exchange and of its Q in the second. */
interface Compressed extends CompressedTensor {
  readonly p: number;
  readonly q: number;
}

class Layout {
  /** Numbers of each exchange. */
  readonly elements: readonly [number, number];
  readonly #rank: number;
  readonly #seed: number;
  readonly #matrices: readonly Compressed[];
  /** The ranges that are sent uncompressed, and their places in the second exchange. */
  readonly #whole: readonly { readonly offset: number; readonly end: number; readonly at: number }[];

  constructor({ tensors, length, seed }: CompressorRun, rank: number) {
    this.#rank = rank;
    this.#seed = seed;
    let [p, q] = [0, 0];
    const isLower = ({ rows, columns }: CompressedTensor): boolean => rank * (rows + columns) < rows * columns;
    this.#matrices = tensors.filter(isLower).map((tensor) => {
      const matrix = { ...tensor, p, q };
      p += rank * tensor.rows;
      q += rank * tensor.columns;
      return matrix;
    });
    const others = tensors.length > 0 ? tensors.filter((tensor) => !isLower(tensor)) : [wholeOf(length)];
    this.#whole = others.map(({ offset, rows, columns }) => {
      const at = q;
      q += rows * columns;
      return { offset, end: offset + rows * columns, at };
    });
    // An exchange has at least one number, even if there is nothing to add.
    this.elements = [Math.max(1, p), Math.max(1, q)];
  }

  /** The first Q of each matrix. */
  seed(factors: Float32Array): void {
    for (const [index, matrix] of this.#matrices.entries()) {
      for (let k = 0; k < this.#rank; k++) this.#renew(factors, matrix, index, k);
    }
  }

  /** P_p = M_p Q */
  project(
    vector: Float32Array,
    { factors }: CompressorVectors,
    numbers: Float32Array,
    { right }: LowRankProducts,
  ): void {
    numbers.fill(0);
    for (const matrix of this.#matrices) {
      right(matrixIn(vector, matrix), this.#q(factors, matrix), this.#rank, numbers.subarray(matrix.p));
    }
  }

  /** Q_p = M_p^T P, and the ranges that are sent uncompressed. */
  send(vector: Float32Array, { factors }: CompressorVectors, numbers: Float32Array, { left }: LowRankProducts): void {
    numbers.fill(0);
    for (const matrix of this.#matrices) {
      left(matrixIn(vector, matrix), this.#p(factors, matrix), this.#rank, numbers.subarray(matrix.q));
    }
    for (const { offset, end, at } of this.#whole) numbers.set(vector.subarray(offset, end), at);
  }

  takeBasis(numbers: Float32Array, { factors }: CompressorVectors): void {
    for (const matrix of this.#matrices) {
      const basis = this.#p(factors, matrix);
      basis.set(numbers.subarray(matrix.p, matrix.p + basis.length));
      orthonormalise(basis, this.#rank);
    }
  }

  takeFactors(numbers: Float32Array, { factors }: CompressorVectors): void {
    for (const [index, matrix] of this.#matrices.entries()) {
      const q = this.#q(factors, matrix);
      q.set(numbers.subarray(matrix.q, matrix.q + q.length));
      for (let k = 0; k < this.#rank; k++) {
        if (q.every((value, i) => i % this.#rank !== k || value === 0)) this.#renew(factors, matrix, index, k);
      }
    }
  }

  /** P Q^T, and the ranges that were sent uncompressed. */
  expand(numbers: Float32Array, out: Float32Array, { factors }: CompressorVectors, { outer }: LowRankProducts): void {
    for (const matrix of this.#matrices) {
      outer(this.#p(factors, matrix), numbers.subarray(matrix.q), this.#rank, matrixIn(out, matrix));
    }
    for (const { offset, end, at } of this.#whole) out.set(numbers.subarray(at, at + end - offset), offset);
  }

  /** The vector that all parts share has Q and then P at the offset of the matrix, where they take less space than the matrix. */
  #q(factors: Float32Array, { offset, columns }: Compressed): Float32Array {
    return factors.subarray(offset, offset + this.#rank * columns);
  }

  #p(factors: Float32Array, { offset, columns, rows }: Compressed): Float32Array {
    return factors.subarray(offset + this.#rank * columns, offset + this.#rank * (columns + rows));
  }

  /** Fills a column of Q with random numbers. */
  #renew(factors: Float32Array, matrix: Compressed, index: number, k: number): void {
    const random = new Random(this.#seed, STREAM, index, k);
    const q = this.#q(factors, matrix);
    for (let i = k; i < q.length; i += this.#rank) q[i] = random.normal();
  }
}

const matrixIn = (vector: Float32Array, { offset, rows, columns }: CompressedTensor) => ({
  data: vector.subarray(offset, offset + rows * columns),
  rows,
  columns,
});

const wholeOf = (length: number): CompressedTensor => ({ name: "all", rows: 1, columns: length, offset: 0 });
