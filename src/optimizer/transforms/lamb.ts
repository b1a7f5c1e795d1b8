import { type Keys, refuseUnknownKeys } from "../../option-keys.js";
import type { Expression } from "../../program/op.js";
import type { Optimizer } from "../transform.js";

/** Options of `lamb`. */
export interface LambOptions {
  readonly learningRate?: number;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  readonly weightDecay?: number;
}

const KEYS: Keys<LambOptions> = { learningRate: true, beta1: true, beta2: true, epsilon: true, weightDecay: true };

/** Adam whose step in each tensor is as long as the tensor, times the rate (You et al. 2020, algorithm 2). */
export function lamb(options: LambOptions = {}): Optimizer {
  refuseUnknownKeys(options, KEYS, "optimizers.lamb");
  const { learningRate = 1e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-6, weightDecay = 0 } = options;
  const corrected = (moment: string, beta: number): Expression => [
    "div",
    moment,
    ["sub", 1, ["exp", ["mul", "t", Math.log(beta)]]],
  ];
  const isBoth = ["mul", "size", "length"] as const;
  return {
    links: [
      {
        learningRate,
        transform: {
          state: ["m", "v", "u"],
          over: "tensor",
          norms: { size: { of: "p" }, length: { of: "u", after: "u" } },
          update: {
            m: ["add", ["mul", beta1, "m"], ["mul", 1 - beta1, "g"]],
            v: ["add", ["mul", beta2, "v"], ["mul", 1 - beta2, ["mul", "g", "g"]]],
            u: [
              "add",
              ["div", corrected("m", beta1), ["add", ["sqrt", corrected("v", beta2)], epsilon]],
              ["mul", weightDecay, "p"],
            ],
            p: ["sub", "p", ["mul", ["mul", "r", ["where", isBoth, ["div", "size", "length"], 1]], "u"]],
          },
        },
      },
    ],
  };
}
