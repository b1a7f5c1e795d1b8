/**
 * Successive halving (Jamieson and Talwalkar 2016): many candidates train on few images, the best of them on more, and the
 * last ones on all.
 *
 *     candidates of rung r = floor(candidates / eta^r),   images of rung r = images / eta^(last - r)
 *
 * So each rung costs about as much as any other. That errors on subsets tell candidates apart is the observation of
 * Klein et al. 2017, "Fast Bayesian Optimization of Machine Learning Hyperparameters on Large Datasets".
 */

export interface Rung {
  readonly candidates: number;
  /** Training images of each. */
  readonly images: number;
}

/**
 * @param images training images in all
 * @param eta of how many candidates one goes on to the next rung
 * @param least images of the first rung; a search on fewer images has fewer rungs
 */
export function rungsOf(candidates: number, images: number, eta: number, least: number): Rung[] {
  let last = 0;
  while (candidates >= eta ** (last + 1) && images / eta ** (last + 1) >= least) last++;
  return Array.from({ length: last + 1 }, (_, rung) => ({
    candidates: Math.floor(candidates / eta ** rung),
    images: Math.round(images / eta ** (last - rung)),
  }));
}
