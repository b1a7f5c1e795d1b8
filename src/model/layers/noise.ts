/** Noise on what comes in, as a model learns: what makes an autoencoder a denoising one (Vincent et al. 2010). */
import type { Layer } from "../scope.js";
import { checkNotNegative, checkRate } from "./check.js";

/** Adds normal numbers of that deviation. */
export function gaussianNoise(deviation: number): Layer {
  return (outer, x) => {
    const scope = outer.enter("gaussianNoise");
    checkNotNegative(scope, "deviation", deviation);
    if (scope.mode === "evaluate") return x;
    return scope.map(["add", "x", ["mul", deviation, "z"]], { x, z: scope.noise("normal", x) });
  };
}

/** Sets a share of all elements to 0; the others stay as they are. */
export function maskingNoise(rate: number): Layer {
  return (outer, x) => {
    const scope = outer.enter("maskingNoise");
    checkRate(scope, rate);
    if (scope.mode === "evaluate") return x;
    return scope.map(["where", ["less", "u", rate], 0, "x"], { x, u: scope.noise("uniform", x) });
  };
}
