/**
 * The median of each coordinate; of an even number of vectors, the mean of the middle two.
 *
 * Yin, Chen, Ramchandran & Bartlett 2018, "Byzantine-Robust Distributed Learning: Towards Optimal Statistical Rates",
 * definition 1. It holds while less than half of the vectors are poisoned.
 */
import { byCoordinate, type RobustRule } from "./rule.js";

export const median: RobustRule = {
  most: (count) => Math.ceil(count / 2) - 1,
  combine: (vectors) =>
    byCoordinate(vectors, (sorted) => {
      const { length } = sorted;
      return (sorted[Math.floor((length - 1) / 2)] + sorted[Math.floor(length / 2)]) / 2;
    }),
};
