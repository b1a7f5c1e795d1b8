/** The discrete Fourier transform of real values, as far as sums of independent draws need it. */

/**
 * The distribution of the sum of `count` independent draws, modulo the number of values: value i of the result is the
 * probability that the indices add up to i. The number of values must be a power of two.
 */
export function selfConvolved(probabilities: Float64Array, count: number): Float64Array {
  const [re, im] = [probabilities.slice(), new Float64Array(probabilities.length)];
  transform(re, im);
  for (let i = 0; i < re.length; i++) {
    const size = Math.hypot(re[i], im[i]) ** count;
    const angle = Math.atan2(im[i], re[i]) * count;
    // The conjugate: the transform of that, divided by the length, is the inverse.
    re[i] = size * Math.cos(angle);
    im[i] = -size * Math.sin(angle);
  }
  transform(re, im);
  return re.map((value) => value / re.length);
}

/** Cooley & Tukey 1965, in place. */
function transform(re: Float64Array, im: Float64Array): void {
  reverseBits(re, im);
  const { length } = re;
  const [cos, sin] = [new Float64Array(length / 2), new Float64Array(length / 2)];
  for (let i = 0; i < length / 2; i++) {
    cos[i] = Math.cos((2 * Math.PI * i) / length);
    sin[i] = -Math.sin((2 * Math.PI * i) / length);
  }
  for (let half = 1; half < length; half *= 2) {
    const stride = length / (2 * half);
    for (let start = 0; start < length; start += 2 * half) {
      for (let k = 0; k < half; k++) {
        const [i, j, w] = [start + k, start + k + half, k * stride];
        const [x, y] = [re[j] * cos[w] - im[j] * sin[w], re[j] * sin[w] + im[j] * cos[w]];
        re[j] = re[i] - x;
        im[j] = im[i] - y;
        re[i] += x;
        im[i] += y;
      }
    }
  }
}

function reverseBits(re: Float64Array, im: Float64Array): void {
  const { length } = re;
  for (let i = 1, j = 0; i < length; i++) {
    let bit = length >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i >= j) continue;
    [re[i], re[j]] = [re[j], re[i]];
    [im[i], im[j]] = [im[j], im[i]];
  }
}
