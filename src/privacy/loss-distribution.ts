/**
 * The numerical accountant of Gopi, Lee & Wutschitz 2021, "Numerical Composition of Differential Privacy" (PRV accountant). The
 * loss of all steps is a sum of independent losses of one step, so its distribution is a convolution, which is computed on a
 * grid. With Y for that sum,
 *
 *     delta(epsilon) = E of max(0, 1 - exp(epsilon - Y))
 *
 * and the result is an upper bound: the error of the grid is added (theorem 5.5 there). Both directions count, a row that
 * is added and one that is left out.
 */
import { selfConvolved } from "./fourier.js";
import { normalCdf } from "./normal.js";
import { renyiCurve } from "./renyi.js";
import { logDensity, lossAt, pointOf, quadrature, type SubsampledGaussian } from "./subsampled-gaussian.js";

/** The error in epsilon that the grid may cause, as a share of epsilon, and the error in delta, as a share of delta. */
const [EPSILON_ERROR, DELTA_ERROR] = [0.005, 1e-3];
/** More points than this take seconds. */
const MOST_POINTS = 2 ** 22;

/** Where the values of a grid lie: `start`, `start + width`, ... */
interface Grid {
  readonly start: number;
  readonly width: number;
  readonly probabilities: Float64Array;
}

/** The epsilon of all steps at `delta`: an upper bound, at most some thousandths of it too high. */
export function epsilonByLossDistribution(mechanism: SubsampledGaussian, delta: number): number {
  const reach = lossReach(mechanism, delta * DELTA_ERROR);
  const error = Math.max(reach.epsilon * EPSILON_ERROR, 1e-6);
  // Theorem 5.5: the width of the grid that causes this error.
  const wanted = error / Math.sqrt((mechanism.steps / 2) * Math.log(12 / (delta * DELTA_ERROR)));
  const points = Math.min(MOST_POINTS, 2 ** Math.ceil(Math.log2((2 * (reach.loss + error)) / wanted)));
  const width = (2 * (reach.loss + error)) / points;
  const caused = error * Math.max(1, width / wanted);
  const directions = ["remove", "add"] as const;
  const all = directions.map((direction) =>
    epsilonOf(composed(mechanism, direction, { points, width }), delta * (1 - DELTA_ERROR)),
  );
  return Math.max(0, ...all.map((epsilon) => epsilon + caused));
}

/** What the loss of all steps exceeds, up or down, with a probability of `tail` at most, by RDP; and a first bound on epsilon. */
function lossReach(mechanism: SubsampledGaussian, tail: number): { readonly loss: number; readonly epsilon: number } {
  const { orders, divergences } = renyiCurve(mechanism);
  const bound = (probability: number): number =>
    orders.reduce(
      (best, order, i) => Math.min(best, divergences[i] - Math.log(probability) / (order - 1)),
      Number.POSITIVE_INFINITY,
    );
  return { loss: bound(tail / 4), epsilon: bound(tail / DELTA_ERROR) };
}

type Direction = "remove" | "add";

/** The distribution of the loss of all steps. */
function composed(
  { steps, ...step }: SubsampledGaussian,
  direction: Direction,
  { points, width }: { readonly points: number; readonly width: number },
): Grid {
  const middle = points / 2;
  const probabilities = new Float64Array(points);
  let below = lossCdf(step, direction, (-middle - 0.5) * width);
  for (let i = 0; i < points; i++) {
    const upTo = lossCdf(step, direction, (i - middle + 0.5) * width);
    probabilities[i] = upTo - below;
    below = upTo;
  }
  const total = probabilities.reduce((sum, p) => sum + p, 0);
  const mean = probabilities.reduce((sum, p, i) => sum + ((i - middle) * width * p) / total, 0);
  // The grid is moved, so that its mean is that of the loss: then the errors of many steps do not add up.
  const shift = steps * (meanLoss(step, direction) - mean);
  // Index 0 is a loss of 0 there, and losses below 0 wrap around to the end.
  const rotated = Float64Array.from({ length: points }, (_, i) => probabilities[(i + middle) % points] / total);
  const sums = selfConvolved(rotated, steps);
  return {
    start: shift - middle * width,
    width,
    probabilities: Float64Array.from({ length: points }, (_, i) => Math.max(0, sums[(i + middle) % points])),
  };
}

/** The probability of a loss of at most `loss` in one step. */
function lossCdf(step: Pick<SubsampledGaussian, "noise" | "rate">, direction: Direction, loss: number): number {
  const { noise, rate } = step;
  if (direction === "remove") {
    const z = pointOf(step, loss);
    return (1 - rate) * normalCdf(z / noise) + rate * normalCdf((z - 1) / noise);
  }
  // The loss is that of the other direction with the other sign, and z is drawn from Q.
  return normalCdf(-pointOf(step, -loss) / noise);
}

function meanLoss(step: Pick<SubsampledGaussian, "noise" | "rate">, direction: Direction): number {
  const { points, width } = quadrature(step, 1);
  return points.reduce((sum, z) => {
    const loss = lossAt(step, z);
    const density = Math.exp(logDensity(step, z));
    return sum + width * density * (direction === "remove" ? Math.exp(loss) * loss : -loss);
  }, 0);
}

/** The least epsilon whose delta is at most `delta`. */
function epsilonOf({ start, width, probabilities }: Grid, delta: number): number {
  // From the top: delta(epsilon) = above - exp(epsilon) * scaled, of the losses above epsilon.
  let [above, scaled] = [0, 0];
  for (let i = probabilities.length - 1; i >= 0; i--) {
    const loss = start + i * width;
    const deltaHere = above - Math.exp(loss) * scaled;
    if (deltaHere > delta) return Math.log((above - delta) / scaled);
    above += probabilities[i];
    scaled += probabilities[i] * Math.exp(-loss);
  }
  return Number.NEGATIVE_INFINITY;
}
