/** Optimizers of models, the parts of their chains, and optimizers of one's own. */
export * from "../optimizer/optimizers.js";
