import { defineInitialiser, drawEach } from "../initialiser-definition.js";

/** Normal with variance 1 / inputs   (LeCun et al. 1998, section 4.6) */
export const lecun = defineInitialiser({
  name: "lecun",
  draw: (inputs, outputs, random) => drawEach(inputs * outputs, () => random.normal() / Math.sqrt(inputs)),
});
