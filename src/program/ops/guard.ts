import type { View } from "../buffer.js";
import type { OpDefinition } from "../op-definition.js";

/** The first state of a guard: open, and no step counted. */
export const FIRST_GUARD = [1, 0] as const;

/**
 * Stops updates at the first step that is not finite, while a device runs many steps in one call. `state` `[1, 2]`
 * holds 1 while the guard is open (0 once it is shut), and the number of steps that it has let through.
 * - While `norm` and `loss`, `[1, 1]`, are finite, out = 1, and the step is counted.
 * - At the first step where one of them is not finite, the guard shuts for good. Then out = 0, which as a gate leaves the update out.
 */
export interface GuardOp {
  readonly kind: "guard";
  /** The norm of the gradients. */
  readonly norm: View;
  /** May be moved by a cursor. */
  readonly loss: View;
  readonly state: View;
  readonly out: View;
}

export const guard: OpDefinition<GuardOp> = {
  name: "guard",
  keys: { norm: "required", loss: "required", state: "required", out: "required" },
  operands: ({ norm, loss, state, out }) => ({ reads: [norm, loss, state], writes: [state, out] }),
  inPlace: ({ state }) => [state],
  movable: ["loss"],
  check({ norm, loss, state, out }, rules) {
    rules.f32({ norm, loss, state, out });
    rules.shape("norm", norm, 1, 1);
    rules.shape("loss", loss, 1, 1);
    rules.shape("state", state, 1, 2);
    rules.shape("out", out, 1, 1);
  },
  // An open guard takes three comparisons and the count.
  flops: () => 4,
  reference(op, memory) {
    const state = memory(op.state);
    const isSound = [op.norm, op.loss].every((view) => Number.isFinite(memory(view).get(0, 0)));
    const isOpen = state.get(0, 0) !== 0 && isSound;
    memory(op.out).set(0, 0, isOpen ? 1 : 0);
    state.set(0, 0, isOpen ? 1 : 0);
    if (isOpen) state.set(0, 1, state.get(0, 1) + 1);
  },
};
