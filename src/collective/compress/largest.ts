/**
 * The indices of the largest elements of a vector, in ascending order. Elements are compared by their bits without the sign. The
 * bits of a larger number are larger, and those of NaN are the largest. Two passes count how often each value of the upper and of
 * the lower bits occurs, so the time does not depend on the order of the elements.
 */

/** The mask of all bits but the sign, and the number of lower bits. */
const [SIZE, LOW_BITS] = [0x7fff_ffff, 16];

/** The indices of `count` elements; of fewer, if all others are zero. Of equally large elements the first are taken. */
export function largest(vector: Float32Array, count: number): Uint32Array {
  const bits = new Uint32Array(vector.buffer, vector.byteOffset, vector.length);
  const high = new Uint32Array(2 ** (31 - LOW_BITS));
  for (let i = 0; i < bits.length; i++) high[(bits[i] & SIZE) >>> LOW_BITS]++;
  const [upper, wanted] = lastOf(high, count);
  const low = new Uint32Array(2 ** LOW_BITS);
  for (let i = 0; i < bits.length; i++) {
    if ((bits[i] & SIZE) >>> LOW_BITS === upper) low[bits[i] & (2 ** LOW_BITS - 1)]++;
  }
  const [lower, equals] = lastOf(low, wanted);
  return collect(bits, (upper << LOW_BITS) | lower, count, equals);
}

/** Counts down from the largest value. Returns the value at which `count` is reached, and how many of that value are needed. */
function lastOf(counts: Uint32Array, count: number): [value: number, needed: number] {
  let needed = count;
  let value = counts.length - 1;
  while (value > 0 && counts[value] < needed) needed -= counts[value--];
  return [value, needed];
}

/** The indices of the elements larger than `least`, and of the first `equals` elements that equal it. Zeros are left out. */
function collect(bits: Uint32Array, least: number, count: number, equals: number): Uint32Array {
  const out = new Uint32Array(count);
  let [found, left] = [0, least === 0 ? 0 : equals];
  for (let i = 0; i < bits.length; i++) {
    const size = bits[i] & SIZE;
    if (size < least || (size === least && left-- <= 0)) continue;
    out[found++] = i;
  }
  return out.subarray(0, found);
}
