/**
 * The accountant of Renyi differential privacy (RDP): Mironov 2017, "Renyi Differential Privacy". Of the subsampled Gaussian
 * mechanism the divergence of order a is
 *
 *     D_a(P || Q) = log(E over z ~ Q of (P(z) / Q(z))^a) / (a - 1)
 *
 * which is the greater of the two directions (Mironov, Talwar & Zhang 2019), and the divergences of steps add up. For each order
 * they bound epsilon; the least bound counts.
 */
import { logDensity, lossAt, quadrature, type SubsampledGaussian } from "./subsampled-gaussian.js";

/** Divergences by their order. */
export interface RenyiCurve {
  readonly orders: readonly number[];
  readonly divergences: readonly number[];
}

const ORDERS: readonly number[] = [
  ...Array.from({ length: 99 }, (_, i) => 1.1 + i / 10),
  ...Array.from({ length: 52 }, (_, i) => 12 + i),
  ...[80, 96, 128, 192, 256, 512],
];

/** The divergences of all steps. */
export function renyiCurve({ steps, ...step }: SubsampledGaussian): RenyiCurve {
  return { orders: ORDERS, divergences: ORDERS.map((order) => steps * divergence(step, order)) };
}

/** The epsilon of the conversion that papers used until 2020: D_a + log(1 / delta) / (a - 1) (Mironov 2017, proposition 3). */
export const epsilonByOldConversion = (curve: RenyiCurve, delta: number): number =>
  least(curve, (divergence, order) => divergence - Math.log(delta) / (order - 1));

/**
 * The epsilon of today's conversion: D_a + log(1 - 1 / a) - log(delta a) / (a - 1) (Canonne, Kamath & Steinke 2020, "The Discrete
 * Gaussian for Differential Privacy", proposition 12).
 */
export const epsilonByRenyi = (curve: RenyiCurve, delta: number): number =>
  least(curve, (divergence, order) => divergence + Math.log1p(-1 / order) - Math.log(delta * order) / (order - 1));

const least = ({ orders, divergences }: RenyiCurve, epsilon: (divergence: number, order: number) => number): number =>
  Math.max(
    0,
    orders.reduce((best, order, i) => Math.min(best, epsilon(divergences[i], order)), Number.POSITIVE_INFINITY),
  );

function divergence(step: Pick<SubsampledGaussian, "noise" | "rate">, order: number): number {
  // Without sampling the two are normal distributions of one deviation.
  if (step.rate === 1) return order / (2 * step.noise ** 2);
  const { points, width } = quadrature(step, order);
  const terms = points.map((z) => logDensity(step, z) + order * lossAt(step, z));
  const most = terms.reduce((a, b) => Math.max(a, b));
  const sum = terms.reduce((total, term) => total + Math.exp(term - most), 0);
  return Math.max(0, (most + Math.log(sum * width)) / (order - 1));
}
