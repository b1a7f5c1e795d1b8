import { type Keys, refuseUnknownKeys } from "../../option-keys.js";
import type { Optimizer } from "../transform.js";

/** Options of `lion`. */
export interface LionOptions {
  readonly learningRate?: number;
  readonly beta1?: number;
  readonly beta2?: number;
  /** Decoupled. */
  readonly weightDecay?: number;
}

const KEYS: Keys<LionOptions> = { learningRate: true, beta1: true, beta2: true, weightDecay: true };

/** The sign of an average of gradients (Chen et al. 2023, "Symbolic discovery of optimization algorithms", algorithm 2). */
export function lion(options: LionOptions = {}): Optimizer {
  refuseUnknownKeys(options, KEYS, "optimizers.lion");
  const { learningRate = 1e-4, beta1 = 0.9, beta2 = 0.99, weightDecay = 0 } = options;
  const average = ["add", ["mul", beta1, "m"], ["mul", 1 - beta1, "g"]] as const;
  const sign = ["sub", ["less", 0, average], ["less", average, 0]] as const;
  return {
    links: [
      {
        learningRate,
        transform: {
          state: ["m"],
          update: {
            p: ["sub", "p", ["mul", "r", ["add", sign, ["mul", weightDecay, "p"]]]],
            m: ["add", ["mul", beta2, "m"], ["mul", 1 - beta2, "g"]],
          },
        },
      },
    ],
  };
}
