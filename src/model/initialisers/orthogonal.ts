import { Matrix, QrDecomposition } from "ml-matrix";
import { defineInitialiser } from "../initialiser-definition.js";

/**
 * Orthonormal rows or columns, whichever are fewer (Saxe et al. 2014): Q of the QR decomposition of a tall normal matrix,
 * signs fixed by the diagonal of R so that Q is uniform (Haar).
 */
export const orthogonal = defineInitialiser({
  name: "orthogonal",
  draw(inputs, outputs, random) {
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
  },
});
