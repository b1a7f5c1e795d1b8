import { elements, type View } from "../buffer.js";
import { type OpDefinition, present } from "../op-definition.js";
import { type UpdateRule, updateRules } from "../rule.js";

/** Number of columns of `UpdateOp.scalars`: learning rate, c1, c2, and one that is unused, so that a row has 16 bytes. */
export const UPDATE_SCALARS = 4;

/** Applies one rule to a whole vector. `parameters`, `gradients` and each state view have the same shape. */
export interface UpdateOp {
  readonly kind: "update";
  readonly rule: UpdateRule;
  readonly parameters: View;
  readonly gradients: View;
  readonly state: readonly View[];
  /** `[1, 4]`: learning rate, c1, c2, unused; may be moved by a cursor. */
  readonly scalars: View;
  /** `[1, 1]`: a factor on the gradient, applied first (clipping, averaging). Where it is 0, the op changes nothing. */
  readonly gradientScale?: View;
  /** `[1, 1]`: where it is 0, the op changes nothing. It is no factor, so an open gate changes no bit. */
  readonly gate?: View;
}

/** Operations of weight decay for one parameter: `g + weightDecay p`, or `p - r weightDecay p` where it is decoupled. */
const DECAY_FLOPS = { gradient: 2, decoupled: 3 } as const;

export const update: OpDefinition<UpdateOp> = {
  name: "update",
  keys: {
    rule: "required",
    parameters: "required",
    gradients: "required",
    state: "required",
    scalars: "required",
    gradientScale: "optional",
    gate: "optional",
  },
  operands: ({ parameters, gradients, state, scalars, gradientScale, gate }) => ({
    reads: present(parameters, gradients, ...state, scalars, gradientScale, gate),
    writes: [parameters, ...state],
  }),
  inPlace: ({ parameters, state }) => [parameters, ...state],
  movable: ["scalars"],
  check({ rule, parameters, gradients, state, scalars, gradientScale, gate }, rules) {
    const { state: slots, defaults } = updateRules.get(rule.name);
    rules.rule(state.length === slots.length, `${rule.name} needs ${slots.length} state views, got ${state.length}`);
    rules.like(parameters, { parameters, gradients });
    state.forEach((view, i) => {
      rules.like(parameters, { [`state ${slots[i]}`]: view });
    });
    rules.f32({ scalars, gradientScale, gate });
    rules.shape("scalars", scalars, 1, UPDATE_SCALARS);
    const hyperparameters = Object.keys(defaults).map((key) => [key, "required"] as const);
    rules.keys(`rule ${rule.name}`, rule, Object.fromEntries([["name", "required"], ...hyperparameters]));
    for (const [name, value] of Object.entries(rule)) {
      if (name !== "name") rules.finite(name, value);
    }
    if (gradientScale) rules.shape("gradientScale", gradientScale, 1, 1);
    if (gate) rules.shape("gate", gate, 1, 1);
  },
  functions: ({ rule }) => [{ what: "update rule", name: rule.name }],
  flops({ rule, parameters, gradientScale }) {
    const { flops, decay } = updateRules.get(rule.name);
    const decayed = rule.weightDecay === 0 ? 0 : DECAY_FLOPS[decay];
    return elements(parameters) * (flops + decayed + (gradientScale ? 1 : 0));
  },
  reference(op, memory) {
    const { rule } = op;
    const [parameters, gradients, scalars] = [memory(op.parameters), memory(op.gradients), memory(op.scalars)];
    const state = op.state.map(memory);
    const [r, c1, c2] = [0, 1, 2].map((column) => scalars.get(0, column));
    const factor = op.gradientScale ? memory(op.gradientScale).get(0, 0) : 1;
    if (factor === 0 || (op.gate && memory(op.gate).get(0, 0) === 0)) return;
    const { step, decay } = updateRules.get(rule.name);
    parameters.each((i, j) => {
      const before = { p: parameters.get(i, j), state: state.map((slot) => slot.get(i, j)) };
      const gradient = factor * gradients.get(i, j);
      const g = decay === "gradient" ? gradient + rule.weightDecay * before.p : gradient;
      const after = step(rule, before, g, { r, c1, c2 });
      parameters.set(i, j, after.p);
      state.forEach((slot, s) => {
        slot.set(i, j, after.state[s]);
      });
    });
  },
};
