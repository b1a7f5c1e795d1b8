/** How the gradients of an op's outputs become gradients of its inputs: the interfaces of the gradient rule in an op's file. */
import type { Activation } from "./activation.js";
import type { ElementType, View } from "./buffer.js";
import type { ProgramBuilder } from "./program.js";

/** Where a rule must write a gradient. */
export interface Target {
  readonly out: View;
  /** Whether the gradient is added to the contents of `out`. */
  readonly accumulate: boolean;
  /** A factor on the gradient, for the op that makes it: the derivative of the activation that made the operand. */
  readonly derivative?: { readonly activation: Activation; readonly at: View };
}

/** What else the op that makes a gradient can do in the same pass. Default: nothing. */
export interface Abilities {
  readonly accumulates?: boolean;
  readonly derives?: boolean;
  /** The types that it can write. Default: all floats. */
  readonly types?: readonly ElementType[];
}

/** The activation with which an op ends. The op that makes the gradient of its output may multiply by the derivative at once. */
export interface Activated {
  readonly activation: Activation;
  readonly output: View;
  /** The view that holds the activation's input, if there is one. */
  readonly input?: View;
  /** The key of the operand that makes the op keep the activation's input. */
  readonly keepAs?: string;
}

/** The gradients of one op's outputs and inputs, for its rule. Ops are added in the order of the rule's calls. */
export interface Gradients {
  readonly builder: ProgramBuilder;
  /** The gradient of an output, in `type`. Default: the type that it has. */
  of(output: View, type?: ElementType): View;
  /** The same, multiplied by the derivative of the activation with which the op ends. */
  beforeActivation(output: View, type?: ElementType): View;
  /** The gradient of a scalar output, a view `[1, 1]` or a number. `isEarly`: whether it is known before the program begins. */
  factor(output: View): { readonly by: View | number; readonly isEarly: boolean };
  /** Whether an output has a gradient. */
  has(output: View): boolean;
  /** Whether a gradient of that input is needed. */
  wants(input: View): boolean;
  /** Adds a gradient of `input`, if one is needed: calls `add`, which adds the op that writes it to the target. */
  give(input: View, abilities: Abilities, add: (target: Target) => void): void;
  /** Adds a gradient of `input` that is already computed. */
  pass(input: View, gradient: View | number): void;
  /** An operand with the contents that the op read or wrote. @throws ProgramError when an op has overwritten them since */
  kept(operand: View, as?: "input" | "output"): View;
  /** A buffer of the shape of `like`, for use until the rule ends. */
  temporary(like: View, type: ElementType): View;
  /** A buffer for a gradient of `input` that the op itself may fill in the forward pass. */
  early(input: View): View;
  /** Adds operands to the op itself. */
  amend(changes: Readonly<Record<string, unknown>>): void;
  /** Throws the ProgramError that says why the op cannot be differentiated. */
  refuse(sentence: string): never;
}
