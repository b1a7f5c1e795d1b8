/**
 * A table of numbers that only grows, for charts of long series. Beside its rows it keeps the least and the greatest value of each
 * column over 8, 64, 512 ... rows. So a chart of any stretch reads as many numbers as it has pixels, however many rows there are.
 */

/** Rows of a level that one row of the next level summarizes. */
const FACTOR = 8;
const FIRST_ROOM = 1024;

/** A column of numbers that grows. */
class Column {
  #values = new Float64Array(FIRST_ROOM);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The numbers so far; valid until the next `push`. */
  get values(): Float64Array {
    return this.#values.subarray(0, this.#length);
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = new Float64Array(2 * this.#length);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#length++] = value;
  }
}

/** Least and greatest values of a column, level by level. NaN where a stretch has no number. */
class Extremes {
  readonly #levels: { readonly low: Column; readonly high: Column }[] = [];

  /** Adds the numbers of `column` that are not yet in the levels. */
  follow(column: Column): void {
    let [low, high] = [column.values, column.values];
    for (let level = 0; low.length >= FACTOR; level++) {
      this.#levels[level] ??= { low: new Column(), high: new Column() };
      const here = this.#levels[level];
      const groups = Math.floor(low.length / FACTOR);
      for (let group = here.low.length; group < groups; group++) {
        here.low.push(least(low, group * FACTOR, (group + 1) * FACTOR, -1));
        here.high.push(least(high, group * FACTOR, (group + 1) * FACTOR, 1));
      }
      [low, high] = [here.low.values, here.high.values];
    }
  }

  /** Of the rows `from` up to, not including, `to`, read from the coarsest levels that fit. */
  between(column: Column, from: number, to: number): { low: number; high: number } {
    let [low, high] = [Number.NaN, Number.NaN];
    const take = (lows: Float64Array, highs: Float64Array, start: number, end: number): void => {
      low = merged(low, least(lows, start, end, -1), -1);
      high = merged(high, least(highs, start, end, 1), 1);
    };
    let [start, end] = [from, to];
    for (let level = -1; start < end; level++) {
      const here = level < 0 ? { low: column, high: column } : this.#levels[level];
      const [lows, highs] = [here.low.values, here.high.values];
      const [inner, outer] = [Math.ceil(start / FACTOR), Math.floor(end / FACTOR)];
      const isLast = inner >= outer || (this.#levels[level + 1]?.low.length ?? 0) < outer;
      take(lows, highs, start, isLast ? end : inner * FACTOR);
      if (isLast) break;
      take(lows, highs, outer * FACTOR, end);
      [start, end] = [inner, outer];
    }
    return { low, high };
  }
}

/** The greatest value of a stretch for sign 1, the least for -1. NaN is left out. */
function least(values: Float64Array, from: number, to: number, sign: 1 | -1): number {
  let found = Number.NaN;
  for (let at = from; at < to; at++) found = merged(found, values[at], sign);
  return found;
}

function merged(one: number, other: number, sign: 1 | -1): number {
  if (Number.isNaN(other)) return one;
  return Number.isNaN(one) || sign * other > sign * one ? other : one;
}

/** Points of curves over one horizontal column. `null` is no value. */
export interface ChartColumns {
  readonly xs: number[];
  readonly ys: (number | null)[][];
}

export class LongTable {
  readonly width: number;
  readonly #columns: Column[];
  readonly #extremes: Extremes[];

  /** @param width number of columns */
  constructor(width: number) {
    this.width = width;
    this.#columns = Array.from({ length: width }, () => new Column());
    this.#extremes = Array.from({ length: width }, () => new Extremes());
  }

  /** Rows. */
  get length(): number {
    return this.#columns[0].length;
  }

  /** Whole rows, one after the other. */
  append(rows: ArrayLike<number>): void {
    for (let at = 0; at < rows.length; at++) this.#columns[at % this.width].push(rows[at]);
    for (const [i, column] of this.#columns.entries()) this.#extremes[i].follow(column);
  }

  at(row: number, column: number): number {
    return this.#columns[column].values[row];
  }

  /** Rows `from` up to, not including, `to`, one after the other. */
  rows(from: number, to: number): Float64Array {
    const end = Math.min(to, this.length);
    const made = new Float64Array(Math.max(0, end - from) * this.width);
    for (const [i, { values }] of this.#columns.entries()) {
      for (let row = from; row < end; row++) made[(row - from) * this.width + i] = values[row];
    }
    return made;
  }

  /** The first row whose value in `column`, which never falls, is at least `value`. */
  find(column: number, value: number): number {
    const { values } = this.#columns[column];
    let [low, high] = [0, values.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (values[middle] < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /**
   * Columns `ys` over column `x`, which never falls, from `from` to `to` in its values. Where there are more than `most` rows, two
   * points stand for each stretch of rows: its least and its greatest value.
   */
  view(x: number, ys: readonly number[], [from, to]: readonly [number, number], most: number): ChartColumns {
    // The next points on either side are drawn, too, so that a line continues to the edge of the chart.
    const start = Math.max(0, this.find(x, from) - 1);
    const end = Math.min(this.length, this.find(x, to) + 2);
    if (end - start <= 2 * most) return this.#exact(x, ys, start, end);
    const made: ChartColumns = { xs: [], ys: ys.map(() => []) };
    for (let stretch = 0; stretch < most; stretch++) {
      const first = start + Math.floor((stretch * (end - start)) / most);
      const last = start + Math.floor(((stretch + 1) * (end - start)) / most);
      const middle = this.at((first + last) >> 1, x);
      made.xs.push(middle, middle);
      for (const [i, y] of ys.entries()) {
        const { low, high } = this.#extremes[y].between(this.#columns[y], first, last);
        made.ys[i].push(numberOrNull(low), numberOrNull(high));
      }
    }
    return made;
  }

  #exact(x: number, ys: readonly number[], start: number, end: number): ChartColumns {
    const stretch = (column: number): number[] => Array.from(this.#columns[column].values.subarray(start, end));
    return { xs: stretch(x), ys: ys.map((y) => stretch(y).map(numberOrNull)) };
  }
}

const numberOrNull = (value: number): number | null => (Number.isFinite(value) ? value : null);
