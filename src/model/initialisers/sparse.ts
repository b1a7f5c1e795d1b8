import { defineInitialiser } from "../initialiser-definition.js";

/** Number of non-zero incoming weights of each unit. */
const CONNECTIONS = 15;

/** Each unit has 15 non-zero incoming weights, standard normal   (Martens 2010, section 5) */
export const sparse = defineInitialiser({
  name: "sparse",
  draw(inputs, outputs, random) {
    const weights = new Float32Array(inputs * outputs);
    for (let unit = 0; unit < outputs; unit++) {
      for (const input of random.sample(inputs, Math.min(CONNECTIONS, inputs))) {
        weights[input * outputs + unit] = random.normal();
      }
    }
    return weights;
  },
});
