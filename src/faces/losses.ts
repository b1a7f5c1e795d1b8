/** Losses of models, a function each, and weighted sums of them. */
export * from "../model/losses/losses.js";
