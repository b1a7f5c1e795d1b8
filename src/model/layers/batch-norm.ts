import { refuseUnknownKeys } from "../../option-keys.js";
import type { Layer } from "../scope.js";
import { checkRate } from "./check.js";

/** Options of `batchNorm`. */
export interface BatchNormOptions {
  /** Of the running averages: how much of the old value stays. Default: 0.9. */
  readonly decay?: number;
  /** Default: 1e-5. */
  readonly epsilon?: number;
}

/**
 * Batch normalisation (Ioffe & Szegedy 2015): each column less its mean over the rows, over its deviation, times a scale plus a
 * shift, which are learned. The rows are those of a part of a batch ("ghost", Hoffer et al. 2017), so the number of parts counts
 * and the number of workers does not. In use the statistics are running averages.
 */
export function batchNorm(options: BatchNormOptions = {}): Layer {
  refuseUnknownKeys<BatchNormOptions>(options, { decay: true, epsilon: true }, "options of batchNorm");
  const { decay = 0.9, epsilon = 1e-5 } = options;
  return (outer, x) => {
    const scope = outer.enter("batchNorm");
    checkRate(scope, decay);
    const shape = [1, x.columns] as const;
    const [scale, shift] = [scope.parameter("scale", shape, 1), scope.parameter("shift", shape)];
    if (scope.mode === "evaluate") {
      const [mean, variance] = [scope.state("mean", x.columns, 0), scope.state("variance", x.columns, 1)];
      const factor = scope.map(["div", "scale", ["sqrt", ["add", "variance", epsilon]]], { scale, variance }, "f32");
      return scope.map(["add", ["mul", ["sub", "x", "mean"], "factor"], "shift"], { x, mean, factor, shift });
    }
    const mean = scope.reduce("mean", "rows", x);
    const centred = scope.map(["sub", "x", "mean"], { x, mean }, "f32");
    const variance = scope.reduce("mean", "rows", scope.map(["mul", "c", "c"], { c: centred }, "f32"));
    scope.runningMean("mean", mean, x, { decay, initial: 0 });
    scope.runningMean("variance", variance, x, { decay, initial: 1 });
    const factor = scope.map(["div", "scale", ["sqrt", ["add", "variance", epsilon]]], { scale, variance }, "f32");
    return scope.map(["add", ["mul", "c", "factor"], "shift"], { c: centred, factor, shift });
  };
}
