/**
 * The control variates of SCAFFOLD: `meanControl` (c) of the server and `control` (c_k) of each client, which estimate the gradient
 * over all rows and over those of the client.
 *
 *     g' = g + c - c_k;   c_k' - c_k = (w - y_k) / (sum of the rates of its steps) - c
 *
 * The server computes the same change of c_k from the change y_k - w that the client sends, so one exchange is enough.
 */
import type { StateVectors } from "../../workload/learner.js";
import { vectorOps } from "../../workload/vector-ops.js";
import type { StateSpec } from "../strategy.js";
import type { Correction } from "./client-steps.js";

export const SCAFFOLD_GLOBAL: readonly StateSpec[] = [{ name: "meanControl" }];
export const SCAFFOLD_LOCAL: readonly StateSpec[] = [{ name: "control" }];

export const scaffoldCorrection =
  ({ meanControl }: StateVectors, { control }: StateVectors): Correction =>
  (gradient) => {
    vectorOps.axpy(1, meanControl, gradient);
    vectorOps.axpy(-1, control, gradient);
  };

/** Adds `factor` times the change of a client's control to `to`. @param moved y_k - w  @param rates the sum of its rates */
export function addControlChange(
  factor: number,
  {
    meanControl,
    moved,
    rates,
  }: { readonly meanControl: Float32Array; readonly moved: Float32Array; readonly rates: number },
  to: Float32Array,
): void {
  for (let i = 0; i < to.length; i++) to[i] += factor * (-moved[i] / rates - meanControl[i]);
}
