/**
 * All eigenpairs of a symmetric matrix where there is no native core: by ml-matrix, on a thread of its own. Hundreds of rows
 * take seconds. Meanwhile the event loop goes on, and a signal ends the thread.
 */
import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";
import { Matrix } from "ml-matrix";
import { type RitzPairs, signed } from "./basis.js";

/** The code of the thread. It is text, because a module that was bundled or loaded as TypeScript has no file for a thread to load. */
const CODE = `
const { parentPort, workerData } = require("node:worker_threads");
const { EigenvalueDecomposition, Matrix } = require(workerData.library);
const { size, values } = workerData;
const matrix = Matrix.from1DArray(size, size, values);
const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(matrix, { assumeSymmetric: true });
const vectors = new Float64Array(size * size);
for (let i = 0; i < size; i++) vectors.set(eigenvectorMatrix.getColumn(size - 1 - i), i * size);
parentPort.postMessage({ values: realEigenvalues.reverse(), vectors }, [vectors.buffer]);
`;

interface Answer {
  readonly values: number[];
  readonly vectors: Float64Array;
}

/**
 * @param values the matrix, `[size, size]`
 * @throws the reason of `signal` once that is aborted
 */
export async function symmetricEigen(values: Float64Array, size: number, signal?: AbortSignal): Promise<RitzPairs> {
  signal?.throwIfAborted();
  const library = createRequire(import.meta.url).resolve("ml-matrix");
  const worker = new Worker(CODE, { eval: true, workerData: { library, size, values } });
  const stop = (): void => void worker.terminate();
  signal?.addEventListener("abort", stop);
  try {
    const answer = await new Promise<Answer | undefined>((resolve, reject) => {
      worker
        .once("message", resolve)
        .once("error", reject)
        .once("exit", () => resolve(undefined));
    });
    signal?.throwIfAborted();
    if (!answer) throw new Error("Invariant violation: the eigenvalues came to nothing");
    return { values: answer.values, vectors: signed(Matrix.from1DArray(size, size, answer.vectors)) };
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}
