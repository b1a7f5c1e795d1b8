/** `VectorOps` in plain TypeScript: element by element, each result rounded to f32. */
import { DawnpourError } from "../error.js";
import type { VectorOps } from "./learner.js";

export const vectorOps: VectorOps = {
  axpy(a, x, y) {
    checkLengths(x, y);
    const factor = Math.fround(a);
    for (let i = 0; i < y.length; i++) y[i] += Math.fround(factor * x[i]);
  },
  scale(a, x) {
    const factor = Math.fround(a);
    for (let i = 0; i < x.length; i++) x[i] *= factor;
  },
  copy(from, to) {
    checkLengths(from, to);
    to.set(from);
  },
  dot(x, y) {
    checkLengths(x, y);
    let sum = 0;
    for (let i = 0; i < x.length; i++) sum += x[i] * y[i];
    return sum;
  },
};

function checkLengths(x: Float32Array, y: Float32Array): void {
  if (x.length !== y.length)
    throw new DawnpourError(`two vectors of ${x.length} and ${y.length} elements: give equal lengths`);
}
