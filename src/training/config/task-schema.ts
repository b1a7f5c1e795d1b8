/** The keys of a configuration that say what is learned. */
import { z } from "zod";
import { choiceSchema } from "./choice-schema.js";
import { TASKS } from "./task-words.js";

const count = z.number().int().min(1);

export const taskSchema = {
  /** What to learn. Default: an autoencoder. */
  task: z.enum(TASKS).optional(),
  /** A model of one's own: a module. */
  model: choiceSchema("model").optional(),
  /** Noise on the input, not on the target, of an autoencoder: `gaussian:0.3`, `mask:0.25`. */
  denoise: z.string().min(1).max(40).optional(),
  /** Whether a decoder has the weights of the encoder, transposed. */
  tied: z.boolean().optional(),
  /** Whether the code is drawn from a normal distribution; a number is the weight of its divergence. Default of that: 1. */
  variational: z.union([z.boolean(), z.number().min(0)]).optional(),
  /** A penalty on codes that are not sparse: `kl:0.05:3`, `l1:0.1`. */
  sparse: z.string().min(1).max(40).optional(),
  /** What the run found about its rows: their values, classes and names of these, numbers beside them, and how the numbers to learn are spread. */
  rowFacts: z
    .strictObject({
      features: count,
      classes: count.optional(),
      classNames: z.array(z.string()).readonly().optional(),
      numbers: count.optional(),
      mean: z.number().optional(),
      deviation: z.number().positive().optional(),
    })
    .optional(),
};
