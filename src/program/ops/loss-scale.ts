import type { View } from "../buffer.js";
import type { OpDefinition } from "../op-definition.js";

/** The least and the greatest loss scale. */
export const LOSS_SCALES = [1, 2 ** 24] as const;

/** The first state of a loss scale: the scale, and no steps. */
export const FIRST_LOSS_SCALE = [2 ** 16, 0] as const;

/**
 * Dynamic loss scaling (Micikevicius et al. 2018, "Mixed precision training", section 3.2). The gradient of the loss is multiplied
 * by a scale, so that small gradients do not vanish in f16, and divided by the scale before the update. `state` `[1, 2]` holds
 * the scale and the number of steps since it last changed. `norm` `[1, 1]` is the norm of the scaled gradients.
 * - Where the norm is not finite, out = 0, which leaves the update out, and the scale is halved.
 * - Otherwise out = min(1, maximum / (norm / scale)) / scale (1 / scale without `maximum`, or where the norm is 0). After
 *   `interval` such steps in a row the scale is doubled.
 * The scale stays within `LOSS_SCALES`.
 */
export interface LossScaleOp {
  readonly kind: "lossScale";
  readonly norm: View;
  readonly state: View;
  /** Gradients are clipped to this global norm. */
  readonly maximum?: number;
  readonly interval: number;
  readonly out: View;
}

export const lossScale: OpDefinition<LossScaleOp> = {
  name: "lossScale",
  keys: { norm: "required", state: "required", maximum: "optional", interval: "required", out: "required" },
  operands: ({ norm, state, out }) => ({ reads: [norm, state], writes: [state, out] }),
  inPlace: ({ state }) => [state],
  check({ norm, state, maximum, interval, out }, rules) {
    rules.f32({ norm, state, out });
    rules.shape("norm", norm, 1, 1);
    rules.shape("state", state, 1, 2);
    rules.shape("out", out, 1, 1);
    rules.wholeFrom("interval", interval, 1);
    if (maximum !== undefined) {
      rules.finite("maximum", maximum);
      rules.above("maximum", maximum, 0);
    }
  },
  // A step with finite gradients takes two comparisons (finite, interval), the count and the quotient.
  flops: ({ maximum }) => 4 + (maximum === undefined ? 0 : 3),
  reference(op, memory) {
    const [state, out] = [memory(op.state), memory(op.out)];
    const norm = memory(op.norm).get(0, 0);
    const [least, greatest] = LOSS_SCALES;
    const [scale, steps] = [state.get(0, 0), state.get(0, 1) + 1];
    if (!Number.isFinite(norm)) {
      out.set(0, 0, 0);
      state.set(0, 0, Math.max(least, scale / 2));
      state.set(0, 1, 0);
      return;
    }
    const clip = op.maximum === undefined || norm === 0 ? 1 : Math.min(1, (op.maximum * scale) / norm);
    out.set(0, 0, clip / scale);
    state.set(0, 0, steps < op.interval ? scale : Math.min(greatest, 2 * scale));
    state.set(0, 1, steps < op.interval ? steps : 0);
  },
};
