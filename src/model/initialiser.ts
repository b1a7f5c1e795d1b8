/**
 * Initial weights of a dense layer, `[inputs, outputs]` row-major, drawn from a seeded generator. What they share is the
 * aim that a signal keeps its scale on the way through many layers; what differs is the activation they assume.
 */
import { Matrix, QrDecomposition } from "ml-matrix";
import type { Random } from "../world/random.js";

/** Every `Initialiser`. */
export const INITIALISERS = ["glorot", "he", "lecun", "orthogonal", "sparse"] as const;
/**
 * - glorot: uniform in +-sqrt(6 / (inputs + outputs))   (Glorot & Bengio 2010, eq. 16)
 * - he: normal with variance 2 / inputs   (He et al. 2015, eq. 10)
 * - lecun: normal with variance 1 / inputs   (LeCun et al. 1998, section 4.6)
 * - orthogonal: orthonormal rows or columns, whichever are fewer   (Saxe et al. 2014)
 * - sparse: each unit has 15 non-zero incoming weights, standard normal   (Martens 2010, section 5)
 */
export type Initialiser = (typeof INITIALISERS)[number];

/** Non-zero incoming weights of each unit under `sparse`. */
const SPARSE_CONNECTIONS = 15;

export function initialWeights(name: Initialiser, inputs: number, outputs: number, random: Random): Float32Array {
  switch (name) {
    case "glorot": {
      const bound = Math.sqrt(6 / (inputs + outputs));
      return draw(inputs * outputs, () => random.between(-bound, bound));
    }
    case "he":
      return draw(inputs * outputs, () => random.normal() * Math.sqrt(2 / inputs));
    case "lecun":
      return draw(inputs * outputs, () => random.normal() / Math.sqrt(inputs));
    case "orthogonal":
      return orthogonal(inputs, outputs, random);
    case "sparse":
      return sparse(inputs, outputs, random);
  }
}

function draw(count: number, next: () => number): Float32Array {
  const weights = new Float32Array(count);
  for (let i = 0; i < count; i++) weights[i] = next();
  return weights;
}

/** Q of the QR decomposition of a tall normal matrix, signs fixed by the diagonal of R so that Q is uniform (Haar). */
function orthogonal(inputs: number, outputs: number, random: Random): Float32Array {
  const tall = Math.max(inputs, outputs);
  const narrow = Math.min(inputs, outputs);
  const gaussian = new Matrix(tall, narrow);
  for (let i = 0; i < tall; i++) {
    for (let j = 0; j < narrow; j++) gaussian.set(i, j, random.normal());
  }
  const { orthogonalMatrix: q, upperTriangularMatrix: r } = new QrDecomposition(gaussian);
  const weights = new Float32Array(inputs * outputs);
  for (let i = 0; i < inputs; i++) {
    for (let j = 0; j < outputs; j++) {
      const [row, column] = inputs >= outputs ? [i, j] : [j, i];
      weights[i * outputs + j] = q.get(row, column) * Math.sign(r.get(column, column));
    }
  }
  return weights;
}

function sparse(inputs: number, outputs: number, random: Random): Float32Array {
  const weights = new Float32Array(inputs * outputs);
  for (let unit = 0; unit < outputs; unit++) {
    for (const input of random.sample(inputs, Math.min(SPARSE_CONNECTIONS, inputs))) {
      weights[input * outputs + unit] = random.normal();
    }
  }
  return weights;
}
