/** What a client does in a round: passes over its own rows, in steps of its own optimizer. */
import { Sampler } from "../../data/sampler.js";
import type { Learner } from "../../workload/learner.js";
import { hash } from "../../world/random.js";
import type { StrategyRun } from "../strategy.js";

/** A word in the seed of the order of a client's rows. */
const ORDER = 0xfed3;

/** The steps of a client in every round, and the rows that it reads. */
export interface ClientWork {
  /** Rows that it has. */
  readonly examples: number;
  readonly steps: number;
  /** Rows of a step. */
  readonly batch: number;
  /** The rows of all steps of a round, one step after the other. */
  rows(round: number): Uint32Array;
}

/**
 * `epochs` passes over the rows, each in a random order. Where batches do not divide them, the last step of a round goes on with
 * the rows of the next pass, so that all steps have batches of one size.
 */
export function clientWork(rows: Uint32Array, client: number, epochs: number, batch: number, seed: number): ClientWork {
  const size = Math.min(batch, rows.length);
  const steps = Math.ceil((epochs * rows.length) / size);
  const sampler = new Sampler({ seed: hash(seed, ORDER, client), count: rows.length, batch: size });
  return {
    examples: rows.length,
    steps,
    batch: size,
    rows(round) {
      const all = Array.from({ length: steps }, (_, step) => [...sampler.rows(round * steps + step)]).flat();
      return Uint32Array.from(all, (row) => rows[row]);
    },
  };
}

/** Changes the gradient of a step; `at` is where the client is. */
export type Correction = (gradient: Float32Array, at: Float32Array) => void;

/** Makes the steps, each by a corrected gradient. Resolves with the mean loss of an image. */
export async function correctedSteps(
  learner: Learner,
  { rows, step, start }: { readonly rows: Uint32Array; readonly step: number; readonly start: Float32Array },
  { steps, batch }: ClientWork,
  run: StrategyRun,
  correct: Correction,
): Promise<number> {
  const gradient = new Float32Array(run.length);
  const at = start.slice();
  const share = run.batch / batch;
  let loss = 0;
  for (let k = 0; k < steps; k++) {
    loss += share * (await learner.gradient(rows.subarray(k * batch, (k + 1) * batch), gradient));
    // A learner gives shares of the run's batch; the mean over the rows of the step is wanted.
    learner.vectors.scale(share, gradient);
    correct(gradient, at);
    await learner.update(gradient, step + k);
    await learner.save({ parameters: at });
  }
  return loss / steps;
}
