/**
 * The mean of each coordinate without its `faulty` smallest and `faulty` largest values.
 *
 * Yin, Chen, Ramchandran & Bartlett 2018, "Byzantine-Robust Distributed Learning: Towards Optimal Statistical Rates",
 * definition 2.
 */
import { byCoordinate, type RobustRule } from "./rule.js";

export const trimmedMean: RobustRule = {
  most: (count) => Math.ceil(count / 2) - 1,
  combine: (vectors, faulty) =>
    byCoordinate(vectors, (sorted) => {
      let sum = 0;
      for (let i = faulty; i < sorted.length - faulty; i++) sum += sorted[i];
      return sum / (sorted.length - 2 * faulty);
    }),
};
