/**
 * The indices of the largest elements of a vector, in ascending order. What is compared is the bits of an element without its
 * sign: those of a larger number are larger, those of NaN are the largest. Two passes count how often each value of the upper and
 * of the lower bits occurs, so the time does not depend on the order of the elements.
 */

/** All bits but the sign, and the number of lower ones. */
const [SIZE, LOW_BITS] = [0x7fff_ffff, 16];

/** `count` elements; fewer where the others are zero. Of equally large ones those with lower indices. */
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

/** From the top: the value with which `count` are reached, and how many of that value are needed. */
function lastOf(counts: Uint32Array, count: number): [value: number, needed: number] {
  let needed = count;
  let value = counts.length - 1;
  while (value > 0 && counts[value] < needed) needed -= counts[value--];
  return [value, needed];
}

/** The elements that are larger than `least`, and the first `equals` that are as large. Zeros are left out. */
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
