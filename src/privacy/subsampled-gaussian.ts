/**
 * The subsampled Gaussian mechanism: each row takes part with probability q, each contribution is clipped to length 1, and the sum
 * gets normal noise of deviation sigma. What one row changes is, in one dimension,
 *
 *     P = (1 - q) N(0, sigma^2) + q N(1, sigma^2)   with the row,     Q = N(0, sigma^2)   without it
 *
 * (Mironov, Talwar & Zhang 2019, "Renyi Differential Privacy of the Sampled Gaussian Mechanism"). Its *loss* at z is
 * log(P(z) / Q(z)), which grows with z.
 */

/** One mechanism of this kind, applied `steps` times to the same rows. */
export interface SubsampledGaussian {
  /** sigma: the deviation of the noise, where each contribution is clipped to 1. */
  readonly noise: number;
  /** q: the probability with which a row takes part in a step. */
  readonly rate: number;
  readonly steps: number;
}

type OneStep = Pick<SubsampledGaussian, "noise" | "rate">;

/** log(P(z) / Q(z)), without overflow. */
export function lossAt({ noise, rate }: OneStep, z: number): number {
  const x = (2 * z - 1) / (2 * noise ** 2);
  if (rate === 1) return x;
  return x > 0 ? x + Math.log(rate + (1 - rate) * Math.exp(-x)) : Math.log1p(rate * Math.expm1(x));
}

/** The z whose loss is `loss`; minus infinity for a loss that no z has. */
export function pointOf({ noise, rate }: OneStep, loss: number): number {
  if (rate === 1) return noise ** 2 * loss + 0.5;
  const ratio = Math.expm1(loss) / rate;
  if (ratio <= -1) return Number.NEGATIVE_INFINITY;
  const x = loss > 30 ? loss - Math.log(rate) : Math.log1p(ratio);
  return noise ** 2 * x + 0.5;
}

/** The density of N(0, sigma^2) at z, as a logarithm. */
export const logDensity = ({ noise }: OneStep, z: number): number =>
  -(z ** 2) / (2 * noise ** 2) - Math.log(noise * Math.sqrt(2 * Math.PI));

/**
 * The points of the trapezoid rule for integrals over z, and the distance between two. Such integrands are analytic near the real
 * line and vanish at both ends, so that the error of the rule falls exponentially with that distance: the nearest singularity, a
 * zero of P / Q, is pi sigma^2 away.
 * @param reach how far from 0 the integrand has weight, beside 14 deviations on both sides
 */
export function quadrature(
  { noise }: OneStep,
  reach: number,
): { readonly points: Float64Array; readonly width: number } {
  const width = Math.min(noise / 6, noise ** 2 / 2);
  const start = Math.floor((-14 * noise) / width);
  const end = Math.ceil((reach + 14 * noise) / width);
  return { points: Float64Array.from({ length: end - start + 1 }, (_, i) => (start + i) * width), width };
}
