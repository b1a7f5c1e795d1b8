/** Data sets in memory: rows of values for training and for testing, and which of them a step reads. */
export {
  type Colour,
  type Columns,
  type Dataset,
  limitDataset,
  type Split,
  sliceSplit,
} from "../data/dataset.js";
export { type DigitsOptions, digitsDataset } from "../data/digits/dataset.js";
export { type PartRange, Sampler, type SamplerOptions } from "../data/sampler.js";
