/**
 * Finds a learning rate by the range test (Smith 2017, "Cyclical learning rates for training neural networks", section 3.3): steps
 * whose rate grows by one factor from step to step, until the loss explodes. A tenth of the rate at which the smoothed loss is least is
 * still safe, and seldom slow.
 */
import type { Split } from "../../data/dataset.js";
import { Sampler } from "../../data/sampler.js";
import type { Device } from "../../device/device.js";
import { DawnpourError } from "../../error.js";
import { initialFlat } from "../../model/flat-model.js";
import { chainRate } from "../../optimizer/chain-ops.js";
import { chain, schedule } from "../../optimizer/optimizers.js";
import type { Task } from "./task.js";
import { TaskSource } from "./task-source.js";
import { TaskSteps } from "./task-steps.js";

/** What a range test found. */
export interface RateSweep {
  /** The loss at each rate, smoothed, in ascending order of the rates. */
  readonly points: readonly { readonly rate: number; readonly loss: number }[];
  /** The rate to train with. */
  readonly suggested: number;
}

/** What a sweep takes its steps by. */
interface SweepOptions {
  readonly batch: number;
  readonly seed: number;
  /** Default: 100. */
  readonly steps?: number;
}

/** From and up to which rates, relative to the usual one. */
const [LOW, HIGH] = [1e-3, 1e2];
/** How much of the smoothed loss stays at each step. */
const SMOOTH = 0.9;
/** The sweep ends when the loss is the least loss times this. */
const EXPLODED = 4;
/** Of the rate with the least loss. */
const SAFE = 0.1;

/**
 * @param split with the targets of the task
 * @throws DawnpourError when the loss is not finite from the first step on
 */
export async function sweepRates(
  device: Device,
  task: Pick<Task, "flat" | "optimizer" | "target">,
  split: Split,
  { batch, seed, steps = 100 }: SweepOptions,
): Promise<RateSweep> {
  const links = task.optimizer.links.filter((link) => !("rate" in link));
  const usual = chainRate({ links }, { step: 0, total: 1 });
  const factor = (step: number): number => LOW * (HIGH / LOW) ** (step / Math.max(1, steps - 1));
  const optimizer = chain(
    schedule(({ step }) => factor(step)),
    { links },
  );
  const { flat } = task;
  const source = TaskSource.open(device, task, split, batch);
  const parameters = device.createBuffer("f32", flat.layout.length, "parameters");
  let swept: TaskSteps | undefined;
  try {
    const options = { task: { ...task, optimizer }, batch, seed, totalSteps: steps };
    swept = await TaskSteps.open(device, source, options, { parameters });
    parameters.write(initialFlat(flat, seed));
    const sampler = new Sampler({ seed, count: split.count, batch });
    const losses = await untilExploded(steps, async (step) => {
      const [loss] = await (swept as TaskSteps).enqueue(step, 1, sampler.rows(step));
      return loss;
    });
    const points = losses.map((loss, step) => ({ rate: usual * factor(step), loss }));
    return { points, suggested: suggestion(points) };
  } finally {
    swept?.destroy();
    parameters.destroy();
    source.destroy();
  }
}

/** The smoothed losses of the steps, up to the first that is too large. */
async function untilExploded(steps: number, lossOf: (step: number) => Promise<number>): Promise<number[]> {
  const losses: number[] = [];
  let mean = 0;
  for (let step = 0; step < steps; step++) {
    const loss = await lossOf(step);
    mean = SMOOTH * mean + (1 - SMOOTH) * loss;
    const smoothed = mean / (1 - SMOOTH ** (step + 1));
    if (!Number.isFinite(smoothed)) break;
    losses.push(smoothed);
    if (smoothed > EXPLODED * Math.min(...losses)) break;
  }
  if (losses.length > 0) return losses;
  throw new DawnpourError("no learning rate can be found: the loss of the first step is not finite: check the data");
}

/** With two digits: more would pretend to know more. */
function suggestion(points: RateSweep["points"]): number {
  const least = points.reduce((best, point) => (point.loss < best.loss ? point : best));
  return Number((SAFE * least.rate).toPrecision(2));
}
