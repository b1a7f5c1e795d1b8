/** The losses of `program/op.ts` and their derivatives with respect to the input, one element at a time. */
import type { Loss } from "../../program/op.js";
import { activate } from "./activation.js";

export function lossOf(loss: Loss, input: number, target: number): number {
  switch (loss) {
    case "mse":
      return (input - target) ** 2;
    case "bce":
      return Math.max(input, 0) - input * target + Math.log1p(Math.exp(-Math.abs(input)));
  }
}

export function lossGradient(loss: Loss, input: number, target: number): number {
  switch (loss) {
    case "mse":
      return 2 * (input - target);
    case "bce":
      return activate("sigmoid", input) - target;
  }
}
