/**
 * Sandblaster L-BFGS: batch optimization, of which the images are handed out in more pieces than there are workers. Each
 * part owns a stretch of the images. A round has two exchanges: the gradient over all images, from which every replica computes the
 * direction of L-BFGS; and the losses at `trials` points along that direction, of which the first that Armijo's rule admits becomes the
 * next state.
 *
 *     d = - H g, by the two-loop recursion over the last m pairs (s, y);   w = w + t d,  t in 1, 1/2, 1/4, ...
 *     s = the step, y = the change of g;   f(w + t d) <= f(w) + 1e-4 t g.d
 *
 * Dean et al. 2012, "Large Scale Distributed Deep Networks", section 4.2: give each worker several parts, and a slow worker computes
 * fewer of them. Nocedal & Wright 2006, algorithms 7.4, 7.5 and 3.1. A round counts as an
 * epoch. The learning rate is not used. Promise: invariant.
 */
import type { Learner, StateVectors, VectorOps } from "../workload/learner.js";
import { vectorOps } from "../workload/vector-ops.js";
import { refuseOptions, wholeOption } from "./options.js";
import { chunks, epochRounds, gradientOver, partitionOf } from "./partition.js";
import type { StrategyFactory } from "./strategy.js";

/** Armijo's constant. */
const SUFFICIENT = 1e-4;
/** The largest f32. */
const LARGEST = (2 - 2 ** -23) * 2 ** 127;
/** Every pair is two vectors of the state. */
const MOST_PAIRS = 100;
/** Shorter steps change no element of an f32. */
const MOST_TRIALS = 60;

export const sandblaster: StrategyFactory = (options, run) => {
  const { parts, batch, images, length } = run;
  refuseOptions("sandblaster", options, ["m", "trials"]);
  const m = wholeOption("sandblaster", options, "m", 5, MOST_PAIRS);
  const trials = wholeOption("sandblaster", options, "trials", 6, MOST_TRIALS);
  const share = batch / images;
  /** Step lengths; the first is 0, the point itself. */
  const lengths = [0, ...Array.from({ length: trials }, (_, k) => 2 ** -k)];
  const pairs = Array.from({ length: m }, (_, i) => [`step.${i}`, `change.${i}`] as const);
  return {
    name: "sandblaster",
    promise: "invariant",
    parts,
    needs: "sum",
    phases: 2,
    global: [
      { name: "parameters", initial: "parameters" },
      ...["gradient", "direction", ...pairs.flat()].map((name) => ({ name })),
    ],
    exchange: (_, phase) => [{ offset: 0, length: phase === 0 ? length : lengths.length }],
    ...epochRounds(run),
    rows: (_, part) => ({ rows: partitionOf(run, part) }),
    async contribute(learner, { phase, rows, global, out }) {
      if (phase === 0) return gradientOver(learner, rows, run, out);
      const point = new Float32Array(length);
      for (const [k, t] of lengths.entries()) {
        learner.vectors.copy(global.parameters, point);
        learner.vectors.axpy(t, global.direction, point);
        learner.restore({ parameters: point });
        const loss = share * (await sumOfLosses(learner, rows, batch));
        // A point at which the loss overflows is a bad point, and no failure of the worker.
        out[k] = loss < LARGEST ? loss : LARGEST;
      }
      // That of the round, as in the first exchange: what is recorded is the mean of both.
      return out[0];
    },
    async aggregate({ phase, state }, reduce) {
      const sum = await reduce.sum();
      if (phase === 0) turn(state, sum, pairs);
      else step(state, lengths[chosen(sum, lengths, vectorOps.dot(state.gradient, state.direction))], pairs);
    },
  };
};

type Pairs = readonly (readonly [step: string, change: string])[];

async function sumOfLosses(learner: Learner, rows: Uint32Array, batch: number): Promise<number> {
  let loss = 0;
  for (const chunk of chunks(rows, batch)) loss += await learner.loss(chunk);
  return loss;
}

/** Takes over the new gradient, and turns the direction: the two-loop recursion. */
function turn(state: StateVectors, gradient: Float32Array, pairs: Pairs): void {
  const { dot, axpy, scale, copy }: VectorOps = vectorOps;
  const { direction } = state;
  const [newestStep, newestChange] = pairs[0];
  if (dot(state[newestStep], state[newestStep]) > 0) {
    copy(gradient, state[newestChange]);
    axpy(-1, state.gradient, state[newestChange]);
  }
  copy(gradient, state.gradient);
  copy(gradient, direction);
  // Pairs without curvature, and places in which there is no pair yet, are left out.
  const used = pairs
    .map(([s, y]) => ({ s: state[s], y: state[y], curvature: dot(state[s], state[y]) }))
    .filter(({ curvature }) => curvature > 0);
  const factors = used.map(({ s, y, curvature }) => {
    const factor = dot(s, direction) / curvature;
    axpy(-factor, y, direction);
    return factor;
  });
  const [newest] = used;
  const norm = Math.sqrt(dot(gradient, gradient));
  scale(newest ? newest.curvature / dot(newest.y, newest.y) : 1 / Math.max(1, norm), direction);
  for (const [i, { s, y, curvature }] of [...used.entries()].reverse()) {
    axpy(factors[i] - dot(y, direction) / curvature, s, direction);
  }
  scale(-1, direction);
}

/** Which of the points is next: the first with a sufficient decrease, else the lowest one. */
function chosen(losses: Float32Array, lengths: readonly number[], slope: number): number {
  const admitted = lengths.findIndex((t, k) => k > 0 && losses[k] <= losses[0] + SUFFICIENT * t * slope);
  if (admitted > 0) return admitted;
  return lengths.reduce((best, _, k) => (losses[k] < losses[best] ? k : best), 0);
}

/** Goes to `w + t d`. Where no point is lower the pairs are forgotten, so that the next direction is that of the gradient. */
function step(state: StateVectors, t: number, pairs: Pairs): void {
  for (let i = pairs.length - 1; i >= 0; i--) {
    for (const which of [0, 1] as const) {
      if (i > 0 && t > 0) state[pairs[i][which]].set(state[pairs[i - 1][which]]);
      else state[pairs[i][which]].fill(0);
    }
  }
  if (t === 0) return;
  const [made] = pairs[0];
  vectorOps.axpy(t, state.direction, state[made]);
  vectorOps.axpy(1, state[made], state.parameters);
}
