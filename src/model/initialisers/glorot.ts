import { defineInitialiser, drawEach } from "../initialiser-definition.js";

/** Uniform in +-sqrt(6 / (inputs + outputs))   (Glorot & Bengio 2010, eq. 16) */
export const glorot = defineInitialiser({
  name: "glorot",
  draw(inputs, outputs, random) {
    const bound = Math.sqrt(6 / (inputs + outputs));
    return drawEach(inputs * outputs, () => random.between(-bound, bound));
  },
});
