/** Each compressor against its definition, written as shortly as it can be. */
import { describe, expect, it } from "vitest";
import type { ChoiceOptions } from "../../../src/choice.js";
import type { Compressor, CompressorRun } from "../../../src/collective/compress/compressor.js";
import { compressors } from "../../../src/collective/compress/compressors.js";
import { largest } from "../../../src/collective/compress/largest.js";
import { portableProducts } from "../../../src/collective/compress/low-rank.js";
import { orthonormalise } from "../../../src/collective/compress/orthonormal.js";
import { checkedCompressor } from "../../../src/strategies/rounds/checked-compressor.js";
import { Random } from "../../../src/world/random.js";
import { exchanged } from "../../strategies/exchanged.js";

const { fround } = Math;
const PARTS = 3;

/** Two matrices, a bias, a matrix that is too small to be compressed, and a gap at the end. */
const TENSORS = [
  { name: "a", rows: 30, columns: 40, offset: 0 },
  { name: "bias", rows: 1, columns: 40, offset: 1200 },
  { name: "b", rows: 40, columns: 20, offset: 1240 },
  { name: "small", rows: 4, columns: 4, offset: 2040 },
];
const [USED, LENGTH] = [2056, 2064];
const RUN: CompressorRun = { length: LENGTH, tensors: TENSORS, parts: PARTS, seed: 3 };

const make = (name: string, options: ChoiceOptions = {}): Compressor =>
  compressors.get(name).make(options, RUN) as Compressor;

/** Of very different sizes, zeros among them. */
function drawn(length: number, ...stream: number[]): Float32Array {
  const random = new Random(9, ...stream);
  return Float32Array.from({ length }, (_, i) => (random.uniform() < 0.1 ? 0 : random.normal() * 10 ** -(i % 4)));
}

const contribution = (round: number, part: number): Float32Array => {
  const vector = drawn(LENGTH, round, part);
  return vector.fill(0, USED);
};

const exchange = (compressor: Compressor, rounds: number, given = contribution) =>
  exchanged(
    { compressor: checkedCompressor(compressor, LENGTH), length: LENGTH, parts: PARTS, used: USED },
    rounds,
    given,
  );

function decoded(compressor: Compressor, vector: Float32Array, step = 0) {
  const memory = new Uint8Array(compressor.bytes(vector.length, 0));
  const used = compressor.encode(vector, memory, { phase: 0, part: 0, step, local: {}, global: {} });
  const out = new Float32Array(vector.length);
  compressor.decode(memory.slice(0, used), out, 0);
  return { out, used };
}

/** The largest difference between two lists of numbers. */
const apart = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

/** Blocks of a vector, each replaced by what `of` makes of it. */
const byBlock = (vector: Float32Array, size: number, of: (block: Float32Array) => Float32Array): Float32Array => {
  const out = new Float32Array(vector.length);
  for (let at = 0; at < vector.length; at += size) out.set(of(vector.slice(at, at + size)), at);
  return out;
};

describe.each(["f16", "int8", "topk", "onebit", "powersgd"])("%s", (name) => {
  it("loses nothing in the end: what arrived and the residuals are all that was contributed", async () => {
    const { added, contributed, locals } = await exchange(make(name), 20);
    const whole = added.map((value, i) => locals.reduce((sum, own) => sum + own[own.length - 1][i], value));
    expect(apart(whole, contributed)).toBeLessThan(1e-3);
    expect(added.slice(USED)).toEqual(new Float64Array(LENGTH - USED));
  });
});

it("int8: the nearest multiple of a scale in each block of 256", () => {
  const vector = drawn(1000);
  const expected = byBlock(vector, 256, (block) => {
    const scale = fround(Math.max(...block.map(Math.abs)) / 127);
    return block.map((value) => fround(scale * Math.max(-127, Math.min(127, Math.floor(value / scale + 0.5)))));
  });
  expect(decoded(make("int8"), vector)).toEqual({ out: expected, used: 1000 + 4 * 4 });
  const tiny = Float32Array.of(1e-45, -1e-45, 0, 3e-45, 0, 0, 0, 0);
  expect(decoded(make("int8"), tiny).out).toEqual(new Float32Array(8));
});

it("onebit: the mean of the negative elements, and of the others, of each block of 1024", () => {
  const mean = (values: Float32Array): number =>
    values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const vector = drawn(3000).fill(-2, 1024, 2048);
  const expected = byBlock(vector, 1024, (block) => {
    const [low, high] = [mean(block.filter((value) => value < 0)), mean(block.filter((value) => value >= 0))];
    return block.map((value) => (value < 0 ? low : high));
  });
  expect(decoded(make("onebit"), vector)).toEqual({ out: expected, used: 3 * 8 + 375 });
});

describe("topk", () => {
  /** The k largest, by sorting. */
  const sorted = (vector: Float32Array, k: number): number[] => {
    const bySize = [...vector.keys()].sort((a, b) => Math.abs(vector[b]) - Math.abs(vector[a]) || a - b);
    return bySize
      .slice(0, k)
      .filter((i) => vector[i] !== 0)
      .sort((a, b) => a - b);
  };

  it.each([1, 7, 100, 2999, 3000])("sends the %i largest of 3000, of equal ones the first", (k) => {
    const vector = drawn(3000, k).map((value) => fround(Math.round(value * 8) / 8));
    expect([...largest(vector, k)]).toEqual(sorted(vector, k));
    expect([...largest(new Float32Array(9), 4)]).toEqual([]);
  });

  it("packs an index in a byte or two: 1 % of the elements takes 76 x fewer bytes than all", () => {
    const vector = drawn(200_000);
    const { out, used } = decoded(make("topk", { share: 0.01 }), vector);
    const kept = new Set(sorted(vector, 2000));
    expect(out).toEqual(vector.map((value, i) => (kept.has(i) ? value : 0)));
    expect((4 * vector.length) / used).toBeGreaterThan(75);
    // A distance of more than 7, and of more than 14 bits.
    const few = new Float32Array(100_000);
    for (const i of [0, 127, 255, 256, 40_000, 99_999]) few[i] = i + 1;
    expect(decoded(make("topk"), few)).toEqual({ out: few, used: 4 + 6 * 4 + (1 + 1 + 2 + 1 + 3 + 3) });
  });

  it("corrects momentum, clips, and masks what is sent (algorithm 3 of Lin et al. 2018)", async () => {
    const [momentum, clip, k] = [0.9, 2, 103];
    const { added, sums, locals } = await exchange(make("topk", { share: 0.05, momentum, clip }), 4);
    const expected = new Float64Array(LENGTH);
    const state = Array.from({ length: PARTS }, () => ({ u: new Float64Array(LENGTH), v: new Float64Array(LENGTH) }));
    for (let round = 0; round < 4; round++) {
      for (const [part, { u, v }] of state.entries()) {
        const g = contribution(round, part);
        const scale = Math.min(1, clip / Math.sqrt(PARTS) / Math.hypot(...g));
        for (let i = 0; i < LENGTH; i++) v[i] += u[i] = momentum * u[i] + scale * g[i];
        for (const i of sorted(Float32Array.from(v), k)) {
          expected[i] += v[i];
          u[i] = v[i] = 0;
        }
      }
    }
    expect(sums.length).toBe(4);
    expect(apart(added, expected)).toBeLessThan(1e-4);
    for (const [part, [u]] of locals.entries()) expect(apart(u, state[part].u)).toBeLessThan(1e-4);
  });

  it("sends more while it warms up: 25 % at first, then a quarter of that, never less than the share", () => {
    const vector = Float32Array.from({ length: 6400 }, (_, i) => i + 1);
    const compressor = make("topk", { share: 0.01, warmup: 40 });
    const count = (step: number): number => decoded(compressor, vector, step).out.filter((value) => value !== 0).length;
    expect([0, 9, 10, 20, 29, 30, 40, 1e6].map(count)).toEqual([1600, 1600, 400, 100, 100, 64, 64, 64]);
  });
});

describe("powersgd", () => {
  type Rows = readonly (readonly number[])[];
  const times = (a: Rows, b: Rows): Rows =>
    a.map((row) => b[0].map((_, j) => row.reduce((sum, x, i) => sum + x * b[i][j], 0)));
  const transposed = (a: Rows): Rows => a[0].map((_, j) => a.map((row) => row[j]));
  const plus = (a: Rows, b: Rows, factor = 1): Rows => a.map((row, i) => row.map((x, j) => x + factor * b[i][j]));
  const all = (matrices: readonly Rows[]): Rows => matrices.reduce((sum, one) => plus(sum, one));
  const rowsOf = (data: Float32Array, columns: number): Rows =>
    Array.from({ length: data.length / columns }, (_, i) => [...data.slice(i * columns, (i + 1) * columns)]);
  const matrixOf = (vector: Float32Array, { offset, rows, columns }: (typeof TENSORS)[0]): Rows =>
    rowsOf(vector.slice(offset, offset + rows * columns), columns);
  /** Gram-Schmidt. */
  const basis = (p: Rows): Rows => {
    const columns: number[][] = [];
    for (const column of transposed(p)) {
      let rest = [...column];
      for (const other of columns) {
        const along = rest.reduce((sum, x, i) => sum + x * other[i], 0);
        rest = rest.map((x, i) => x - along * other[i]);
      }
      columns.push(rest.map((x) => x / Math.hypot(...rest)));
    }
    return transposed(columns);
  };

  it("is a step of power iteration for each matrix, from the Q of the round before", async () => {
    const [RANK, ROUNDS] = [2, 3];
    const { rounds, sums, locals, bytes } = await exchange(make("powersgd", { rank: RANK }), ROUNDS);
    const [, factors] = rounds.initialState().vectors;
    for (const tensor of [TENSORS[0], TENSORS[2]]) {
      let q = rowsOf(factors.slice(tensor.offset, tensor.offset + RANK * tensor.columns), RANK);
      let residuals: Rows[] = Array.from({ length: PARTS }, () => matrixOf(new Float32Array(LENGTH), tensor));
      for (let round = 0; round < ROUNDS; round++) {
        const m = residuals.map((residual, part) => plus(residual, matrixOf(contribution(round, part), tensor)));
        const p = basis(all(m.map((one) => times(one, q))));
        const each = m.map((one) => times(transposed(one), p));
        q = all(each);
        residuals = m.map((one, part) => plus(one, times(p, transposed(each[part])), -1));
        const at = tensor === TENSORS[0] ? 0 : RANK * TENSORS[0].columns;
        const told = rowsOf(sums[2 * round + 1].slice(at, at + RANK * tensor.columns), RANK);
        expect(apart(told.flat(), q.flat())).toBeLessThan(1e-2);
      }
      for (const [part, residual] of residuals.entries()) {
        const [told] = locals[part];
        expect(apart(matrixOf(told, tensor).flat(), residual.flat())).toBeLessThan(1e-2);
      }
    }
    const numbers = RANK * (30 + 40 + 40 + 20) + 40 + 16;
    expect(bytes).toBe(ROUNDS * PARTS * 4 * numbers);
  });

  it("sends a matrix of its rank whole, and what is no matrix as it is", async () => {
    const given = (round: number, part: number): Float32Array => {
      const vector = new Float32Array(LENGTH);
      const [rows, columns] = [drawn(30, round, part), drawn(40, round)];
      for (let i = 0; i < 30; i++) for (let j = 0; j < 40; j++) vector[i * 40 + j] = rows[i] * columns[j];
      vector.set(drawn(40, part), 1200);
      return vector;
    };
    const { added, contributed } = await exchange(make("powersgd", { rank: 3 }), 3, given);
    expect(apart(added, contributed)).toBeLessThan(1e-4);
  });

  it("goes on after rounds in which there was nothing to send", async () => {
    const given = (round: number, part: number): Float32Array =>
      round < 2 ? new Float32Array(LENGTH) : contribution(round, part);
    const { added } = await exchange(make("powersgd"), 3, given);
    expect(added.slice(0, 1200).some((value) => value !== 0)).toBe(true);
    expect(added.every(Number.isFinite)).toBe(true);
  });

  it("makes columns orthonormal, and of those that depend on others zeros", () => {
    const p = Float32Array.from({ length: 40 }, (_, i) => [i, i * i, 0, 0][i % 4]);
    for (let i = 0; i < 10; i++) p[4 * i + 2] = p[4 * i] - 3 * p[4 * i + 1];
    orthonormalise(p, 4);
    const product = (a: number, b: number): number =>
      Array.from({ length: 10 }, (_, i) => p[4 * i + a] * p[4 * i + b]).reduce((sum, x) => sum + x);
    expect(product(0, 0)).toBeCloseTo(1, 6);
    expect(product(1, 1)).toBeCloseTo(1, 6);
    expect(product(0, 1)).toBeCloseTo(0, 6);
    expect([product(2, 2), product(3, 3)]).toEqual([0, 0]);
  });

  it("multiplies in the order of the definitions, each result rounded", () => {
    const [rows, columns, rank] = [3, 5, 2];
    const m = { data: drawn(rows * columns), rows, columns };
    const [p, q] = [drawn(rows * rank, 1), drawn(columns * rank, 2)];
    const sum = (count: number, of: (i: number) => number): number => {
      let total = 0;
      for (let i = 0; i < count; i++) total = fround(total + fround(of(i)));
      return total;
    };
    const right = new Float32Array(rows * rank);
    portableProducts.right(m, q, rank, right);
    for (const [at, value] of right.entries()) {
      const [i, k] = [Math.floor(at / rank), at % rank];
      expect(value).toBe(sum(columns, (j) => m.data[i * columns + j] * q[j * rank + k]));
    }
    const left = new Float32Array(columns * rank).fill(5);
    portableProducts.left(m, p, rank, left);
    for (const [at, value] of left.entries()) {
      const [j, k] = [Math.floor(at / rank), at % rank];
      expect(value).toBe(sum(rows, (i) => m.data[i * columns + j] * p[i * rank + k]));
    }
    const outer = { data: new Float32Array(rows * columns), rows, columns };
    portableProducts.outer(p, q, rank, outer);
    for (const [at, value] of outer.data.entries()) {
      const [i, j] = [Math.floor(at / columns), at % columns];
      expect(value).toBe(sum(rank, (k) => p[i * rank + k] * q[j * rank + k]));
    }
  });
});
