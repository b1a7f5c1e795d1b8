import type { View } from "../buffer.js";
import type { OpDefinition } from "../op-definition.js";

/** What the state of a guard starts from: open, and no step let through. */
export const FIRST_GUARD = [1, 0] as const;

/**
 * Keeps damage out of a state that many steps in a row update before the host inspects it. `state` `[1, 2]` holds whether the
 * guard is open, 1 or 0, and the number of steps that it has let through.
 * - As long as `norm` and `loss`, `[1, 1]`, are finite, out = 1, and the step counts;
 * - from the first step on where one of them is not, out = 0, which as a gate leaves the update out: the guard stays shut.
 */
export interface GuardOp {
  readonly kind: "guard";
  /** Of the gradients. */
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
  // Of an open one: three comparisons and the count.
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
