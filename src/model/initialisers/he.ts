import { defineInitialiser, drawEach } from "../initialiser-definition.js";

/** Normal with variance 2 / inputs   (He et al. 2015, eq. 10) */
export const he = defineInitialiser({
  name: "he",
  draw: (inputs, outputs, random) => drawEach(inputs * outputs, () => random.normal() * Math.sqrt(2 / inputs)),
});
