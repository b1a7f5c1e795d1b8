/**
 * Small dense matrices in the memory of this process. A set of vectors is the *rows* of a matrix, as images are the rows of a
 * data set: the rows of a decoder's weight, the rows of a basis. Decompositions come from ml-matrix; this file converts.
 */
import { Matrix } from "ml-matrix";
import { UsageError } from "../error.js";

/** Row-major `[rows, columns]`. */
export interface DenseMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array | Float64Array;
}

/** @throws UsageError when the number of values is not rows x columns */
export function toMatrix(what: string, { rows, columns, values }: DenseMatrix): Matrix {
  if (values.length !== rows * columns) {
    throw new UsageError(`${what}: [${rows}, ${columns}] needs ${rows * columns} values, got ${values.length}`);
  }
  return Matrix.from1DArray(rows, columns, values);
}

/** The values of the first `rows` rows (all by default), row-major. */
export function toValues(matrix: Matrix, rows: number = matrix.rows): Float64Array {
  const values = new Float64Array(rows * matrix.columns);
  for (let i = 0; i < rows; i++) {
    values.set(matrix.getRow(i), i * matrix.columns);
  }
  return values;
}
