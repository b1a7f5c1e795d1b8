/** How the gradients of an op's outputs become gradients of its inputs: what the rule in an op's file works with. */
import type { Activation } from "./activation.js";
import type { ElementType, View } from "./buffer.js";
import type { ProgramBuilder } from "./program.js";

/** Where a gradient is to be written. */
export interface Target {
  readonly out: View;
  /** Whether it is added to what `out` holds. */
  readonly accumulate: boolean;
  /** What the gradient is to be multiplied by as it is made: the derivative of the activation that made the operand. */
  readonly derivative?: { readonly activation: Activation; readonly at: View };
}

/** What the op that makes a gradient can do at once. Default: nothing of it. */
export interface Abilities {
  readonly accumulates?: boolean;
  readonly derives?: boolean;
  /** The types that it can write. Default: every float. */
  readonly types?: readonly ElementType[];
}

/** The activation that an op ends with: the op that makes the gradient of its output may multiply by its derivative at once. */
export interface Activated {
  readonly activation: Activation;
  readonly output: View;
  /** The view that holds the activation's input, where one does. */
  readonly input?: View;
  /** The key of the operand in which the op can be made to keep it. */
  readonly keepAs?: string;
}

/** The gradients around one op. All ops that a rule adds are added in the order of its calls. */
export interface Gradients {
  readonly builder: ProgramBuilder;
  /** The gradient of an output, in `type`, by default as it is. */
  of(output: View, type?: ElementType): View;
  /** The same before the activation that the op ends with: multiplied by its derivative. */
  beforeActivation(output: View, type?: ElementType): View;
  /** The gradient of a scalar output: a view `[1, 1]`, or a number; and whether it is known before the program begins. */
  factor(output: View): { readonly by: View | number; readonly isEarly: boolean };
  /** Whether an output has a gradient. */
  has(output: View): boolean;
  /** Whether a gradient of that input is asked for. */
  wants(input: View): boolean;
  /** Adds a gradient of `input`, if one is asked for: `add` adds the op that writes it to where it is told. */
  give(input: View, abilities: Abilities, add: (target: Target) => void): void;
  /** Adds a gradient of `input` that is there already. */
  pass(input: View, gradient: View | number): void;
  /** The contents of an operand, as the op read or left them. @throws ProgramError when an op has overwritten them since */
  kept(operand: View, as?: "input" | "output"): View;
  /** A buffer of the shape of `like`, until the rule ends. */
  temporary(like: View, type: ElementType): View;
  /** A buffer for a gradient of `input` that the op itself may fill, before the backward pass begins. */
  early(input: View): View;
  /** Adds operands to the op itself. */
  amend(changes: Readonly<Record<string, unknown>>): void;
  /** The op cannot be differentiated so. */
  refuse(sentence: string): never;
}
