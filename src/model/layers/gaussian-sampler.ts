import { refuseUnknownKeys } from "../../option-keys.js";
import type { Layer } from "../scope.js";
import { checkNotNegative } from "./check.js";
import { dense } from "./dense.js";

/** Options of `gaussianSampler`. */
export interface GaussianSamplerOptions {
  /** Of the divergence from the standard normal distribution in what is to be small. Default: 1. */
  readonly weight?: number;
}

/**
 * The code of a variational autoencoder (Kingma & Welling 2014): two dense layers give the mean and the logarithm of the variance of
 * `units` normal numbers. As the model learns, the code is drawn from them; in use it is the mean. Adds the term `kl`, the
 * divergence from the standard normal distribution, summed over the code, a mean over rows.
 */
export function gaussianSampler(units: number, options: GaussianSamplerOptions = {}): Layer {
  refuseUnknownKeys<GaussianSamplerOptions>(options, { weight: true }, "options of gaussianSampler");
  const { weight = 1 } = options;
  return (outer, x) => {
    const scope = outer.enter("gaussianSampler");
    checkNotNegative(scope, "weight", weight);
    const mean = dense(units, { name: "mean" })(scope, x);
    const logVariance = dense(units, { name: "logVariance" })(scope, x);
    const divergence = scope.map(
      ["sub", ["add", ["mul", "mean", "mean"], ["exp", "logVariance"]], ["add", 1, "logVariance"]],
      { mean, logVariance },
      "f32",
    );
    scope.term("kl", scope.meanOfRows(divergence, 0.5), weight);
    if (scope.mode === "evaluate") return mean;
    const z = scope.noise("normal", mean);
    return scope.map(["add", "mean", ["mul", "z", ["exp", ["mul", 0.5, "logVariance"]]]], { mean, logVariance, z });
  };
}
