/**
 * Anomaly detection by reconstruction error: an autoencoder reconstructs rows that are like its training rows well, and other
 * rows badly. The error of a row is its score. The scores of the training rows say which score is too high.
 */
import { UsageError } from "../error.js";

/**
 * The score that a share `q` of the scores does not exceed, interpolated linearly between two neighbours (as NumPy's `quantile`).
 *
 * @throws UsageError unless `q` is from 0 to 1 and there are scores
 * @example
 * ```ts
 * import { analysis } from "dawnpour";
 *
 * console.log(analysis.quantile(Float32Array.of(0, 10, 20), 0.75)); // 15
 * ```
 */
export function quantile(scores: Float32Array, q: number): number {
  if (!(q >= 0 && q <= 1)) throw new UsageError(`a quantile is a share from 0 to 1, got ${q}`);
  if (scores.length === 0) throw new UsageError("a quantile needs one score at least, got none: give at least one row");
  const sorted = scores.toSorted();
  const place = q * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}

/**
 * Area under the ROC curve: the probability that an anomaly has a higher score than a normal row. Two equal scores count half.
 * 1 is perfect, 0.5 is chance (Fawcett 2006).
 *
 * @throws UsageError unless there are rows of both kinds
 * @example
 * ```ts
 * import { analysis } from "dawnpour";
 *
 * const scores = Float32Array.of(0.1, 0.2, 0.9, 0.3);
 * console.log(analysis.areaUnderRoc(scores, (row) => row === 2)); // 1
 * ```
 */
export function areaUnderRoc(scores: Float32Array, isAnomaly: (row: number) => boolean): number {
  const order = Array.from(scores.keys()).sort((a, b) => scores[a] - scores[b]);
  let [normal, anomalies, wins] = [0, 0, 0];
  for (let first = 0; first < order.length; ) {
    let end = first;
    let [tiedNormal, tiedAnomalies] = [0, 0];
    for (; end < order.length && scores[order[end]] === scores[order[first]]; end++) {
      if (isAnomaly(order[end])) tiedAnomalies++;
      else tiedNormal++;
    }
    wins += tiedAnomalies * (normal + tiedNormal / 2);
    normal += tiedNormal;
    anomalies += tiedAnomalies;
    first = end;
  }
  if (normal === 0 || anomalies === 0) {
    throw new UsageError(`the ROC curve needs anomalies and normal rows, got ${anomalies} and ${normal}`);
  }
  return wins / (normal * anomalies);
}
