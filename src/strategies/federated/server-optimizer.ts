/**
 * What a server makes of the change that the clients of a round propose together.
 *
 *     average    w = w + lr d
 *     adagrad    m = beta1 m + (1 - beta1) d;   v = v + d^2;                                   w = w + lr m / (sqrt(v) + tau)
 *     yogi       the same with                  v = v - (1 - beta2) d^2 sign(v - d^2)
 *     adam       the same with                  v = beta2 v + (1 - beta2) d^2
 *
 * McMahan et al. 2017, "Communication-Efficient Learning of Deep Networks from Decentralized Data" (average with lr 1: FedAvg);
 * Reddi et al. 2021, "Adaptive Federated Optimization", algorithm 2. beta1 is 0.9, beta2 0.99 and v begins as tau^2, as there.
 */
import { UsageError, unknownWord } from "../../error.js";
import type { StateVectors } from "../../workload/learner.js";
import type { StateSpec } from "../strategy.js";

const [BETA1, BETA2] = [0.9, 0.99];

interface ServerOptimizer {
  /** Vectors that it keeps. */
  readonly state: readonly StateSpec[];
  /** The learning rate where the user gives none. */
  readonly lr: number;
  /** Changes the state in place. */
  step(state: StateVectors, change: Float32Array, options: ServerStep): void;
}

interface ServerStep {
  readonly lr: number;
  readonly tau: number;
  /** Its first step. */
  readonly isFirst: boolean;
}

const average: ServerOptimizer = {
  state: [],
  lr: 1,
  step({ parameters }, change, { lr }) {
    for (let i = 0; i < parameters.length; i++) parameters[i] += lr * change[i];
  },
};

/** @param second the new v, of the old one and the square of the change */
const adaptive = (second: (v: number, square: number) => number): ServerOptimizer => ({
  state: [{ name: "serverMomentum" }, { name: "serverSquares" }],
  lr: 0.01,
  step({ parameters, serverMomentum: m, serverSquares: v }, change, { lr, tau, isFirst }) {
    if (isFirst) v.fill(tau ** 2);
    for (let i = 0; i < parameters.length; i++) {
      m[i] = BETA1 * m[i] + (1 - BETA1) * change[i];
      v[i] = second(v[i], change[i] ** 2);
      parameters[i] += (lr * m[i]) / (Math.sqrt(v[i]) + tau);
    }
  },
});

const optimizers: Readonly<Record<string, ServerOptimizer>> = {
  average,
  adagrad: adaptive((v, square) => v + square),
  yogi: adaptive((v, square) => v - (1 - BETA2) * square * Math.sign(v - square)),
  adam: adaptive((v, square) => BETA2 * v + (1 - BETA2) * square),
};

/** @throws UsageError when there is none of that name */
export function serverOptimizer(name: unknown): ServerOptimizer {
  if (typeof name === "string" && Object.hasOwn(optimizers, name)) return optimizers[name];
  throw new UsageError(`strategy federated: ${unknownWord("server", String(name), Object.keys(optimizers)).message}`);
}
