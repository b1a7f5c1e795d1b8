/**
 * The mean of vectors none of which is longer than the bound: a longer one is shortened to it. The bound is the median of the
 * lengths of this round, so that it follows training.
 *
 *     x_i = x_i min(1, bound / |x_i|)
 *
 * Sun, Kairouz, Suresh & McMahan 2019, "Can You Really Backdoor Federated Learning?", section 4, where the bound is a constant.
 * It limits what a poisoned vector can do; it does not leave it out.
 */
import { vectorOps } from "../../workload/vector-ops.js";
import { meanOf, type RobustRule } from "./rule.js";

export const normBound: RobustRule = {
  most: (count) => Math.ceil(count / 2) - 1,
  combine(vectors) {
    const lengths = vectors.map((x) => Math.sqrt(vectorOps.dot(x, x)));
    const sorted = [...lengths].sort((a, b) => a - b);
    const bound = sorted[Math.floor((sorted.length - 1) / 2)];
    return meanOf(
      vectors.map((x, k) => {
        const short = x.slice();
        if (lengths[k] > bound) vectorOps.scale(bound / lengths[k], short);
        return short;
      }),
    );
  },
};
