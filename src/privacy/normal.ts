/** The distribution function of the standard normal distribution. */

/**
 * The probability of a value of at most `x`, with an absolute error near 1e-15: West 2005, "Better approximations to cumulative
 * normal functions", after Hart 1968.
 */
export function normalCdf(x: number): number {
  const z = Math.abs(x);
  const tail = z > 37 ? 0 : Math.exp((-z * z) / 2) * tailFactor(z);
  return x > 0 ? 1 - tail : tail;
}

const NUMERATOR = [
  3.52624965998911e-2, 0.700383064443688, 6.37396220353165, 33.912866078383, 112.079291497871, 221.213596169931,
  220.206867912376,
];
const DENOMINATOR = [
  8.83883476483184e-2, 1.75566716318264, 16.064177579207, 86.7807322029461, 296.564248779674, 637.333633378831,
  793.826512519948, 440.413735824752,
];

const polynomial = (coefficients: readonly number[], z: number): number => coefficients.reduce((sum, c) => sum * z + c);

function tailFactor(z: number): number {
  if (z < 7.07106781186547) return polynomial(NUMERATOR, z) / polynomial(DENOMINATOR, z);
  const fraction = z + 1 / (z + 2 / (z + 3 / (z + 4 / (z + 0.65))));
  return 1 / (fraction * 2.506628274631);
}
