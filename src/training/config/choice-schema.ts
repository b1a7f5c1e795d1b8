/** The schema of a choice of one of several: of a strategy, a compressor, a model. */
import { z } from "zod";
import { normalChoice } from "../../choice.js";

const choiceOptions = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional();

/** A name, or a module by its URL, with its options. @param what is chosen */
export const choiceSchema = (what: string) =>
  z
    .union([
      z.string().min(1),
      z.strictObject({ name: z.string().min(1), options: choiceOptions }),
      z.strictObject({ module: z.union([z.string().min(1), z.instanceof(URL)]), options: choiceOptions }),
    ])
    .transform((choice) => normalChoice(choice, what));
