/** Layers of models, a function each. A layer of one's own is a function of a scope and its input. */
export * from "../model/layers/layers.js";
export type { Layer, Mode, Parameter, Scope, Shape, Term } from "../model/scope.js";
export type { Initial, RunningMean } from "../model/tensors.js";
