/**
 * Differentially private gradient descent (DP-SGD). In each round each training row takes part with probability q = batch / rows, by
 * itself; the gradient of each row is clipped to length C; the sum gets normal noise, and the optimizer of the run makes a step:
 *
 *     g = (sum over the rows that take part of g_i min(1, C / |g_i|)  +  noise C N(0, I)) / batch
 *
 * Abadi, Chu, Goodfellow, McMahan, Mironov, Talwar & Zhang 2016, "Deep Learning with Differential Privacy", algorithm 1. What an
 * optimizer makes of g costs no privacy. Rows and noise come from a key that is not the seed of the run (../../privacy/key-stream.ts).
 * Parts share out the rows that take part. Promise: invariant, given the key.
 */
import { DawnpourError, UsageError } from "../../error.js";
import { KeyStream } from "../../privacy/key-stream.js";
import { numberOption, refuseOptions } from "../options.js";
import type { StrategyFactory, StrategyRun } from "../strategy.js";

const NAME = "private";

export const privateDescent: StrategyFactory = (options, run) => {
  const { parts, batch, images, state } = run;
  refuseOptions(NAME, options, ["noise", "clip", "delta"]);
  const noise = numberOption(NAME, options, "noise", 1, [0.3, 1000]);
  const clip = numberOption(NAME, options, "clip", 1, [1e-6, 1e6]);
  const delta = numberOption(NAME, options, "delta", 1e-5, [1e-12, 0.1]);
  const rate = Math.min(1, batch / images);
  const sample = new RoundSample(run, rate);
  const capacity = capacityOf(rate, images / parts);
  return {
    name: NAME,
    promise: "invariant",
    parts,
    needs: "sum",
    privacy: { noise, rate, delta, unit: "row" },
    global: state.map((name) => ({ name, initial: name === "parameters" ? "parameters" : "zeros" })),
    advance: () => ({ steps: 1, samples: batch }),
    rows: (round, part) => ({ rows: sample.of(round).filter((_, i) => i % parts === part) }),
    async contribute(learner, { round, rows, out }) {
      if (!learner.clippedGradient) {
        throw new UsageError(`strategy ${NAME}: this model cannot clip the gradient of each row`);
      }
      const loss = await learner.clippedGradient(rows, { clip, capacity }, out);
      return loss / Math.max(1, sample.of(round).length);
    },
    async aggregate({ round, update }, reduce) {
      const sum = await reduce.sum();
      const normals = keyOf(run).normals(round, sum.length);
      for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] + noise * clip * normals[i]) / (rate * images);
      return update(sum);
    },
  };
};

/** @throws DawnpourError where the run has none: then nothing can be drawn */
function keyOf({ key }: StrategyRun): KeyStream {
  if (key) return new KeyStream(key);
  throw new DawnpourError("Invariant violation: a private run has a key");
}

/** Rows of a program: nearly always enough for the rows of a part, of which there are more or fewer in each round. */
const capacityOf = (rate: number, rows: number): number =>
  Math.max(1, Math.min(MOST_ROWS, Math.ceil(rate * rows + 3 * Math.sqrt(rate * rows))));

const MOST_ROWS = 1024;

/** The rows that take part in a round. */
class RoundSample {
  readonly #run: StrategyRun;
  readonly #rate: number;
  #round = -1;
  #rows: Uint32Array = new Uint32Array(0);

  constructor(run: StrategyRun, rate: number) {
    this.#run = run;
    this.#rate = rate;
  }

  of(round: number): Uint32Array {
    if (round !== this.#round) {
      this.#rows = keyOf(this.#run).sample(round, this.#run.images, this.#rate);
      this.#round = round;
    }
    return this.#rows;
  }
}
