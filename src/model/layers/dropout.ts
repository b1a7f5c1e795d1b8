import type { Layer } from "../scope.js";
import { checkRate } from "./check.js";

/** Sets a share of all elements to 0 and divides the others by the rest, as a model learns (Srivastava et al. 2014). */
export function dropout(rate: number): Layer {
  return (outer, x) => {
    const scope = outer.enter("dropout");
    checkRate(scope, rate);
    if (scope.mode === "evaluate" || rate === 0) return x;
    const u = scope.noise("uniform", x);
    return scope.map(["where", ["less", "u", rate], 0, ["mul", "x", 1 / (1 - rate)]], { x, u });
  };
}
