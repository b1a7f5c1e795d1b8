/** A run of a strategy whose parts come together, on parameter servers, with faults from a seed. */
import { PortableCollective } from "../../src/collective/portable-collective.js";
import { openReferenceDevice } from "../../src/device/reference/reference-device.js";
import { BulkRounds } from "../../src/strategies/rounds/bulk-rounds.js";
import type { StrategyFactory } from "../../src/strategies/strategy.js";
import { strategyRun } from "../../src/strategies/strategy-run.js";
import { AutoencoderWorkload } from "../../src/workload/autoencoder.js";
import { Random } from "../../src/world/random.js";
import { SimulatedWorld } from "../../src/world/simulated/world.js";
import { config, dataset, IMAGES, model } from "../simulation/small-training.js";
import { ServedRun, type ServedRunOptions } from "./served-run.js";
import { strike } from "./strike.js";

export const [PARTS, STEPS] = [3, 16];

/** The state at the end without servers, workers and messages. */
export async function alone(factory: StrategyFactory): Promise<Float32Array[]> {
  const mine = { ...config, parts: PARTS };
  const workload = new AutoencoderWorkload({ model, config: mine, steps: STEPS });
  const facts = { ...mine, images: IMAGES, steps: STEPS, rate: () => 0.1 };
  const rounds = new BulkRounds(workload, factory({}, strategyRun(workload, facts)));
  const replica = await rounds.open(openReferenceDevice(), dataset);
  replica.restore(0, rounds.initialState());
  const vector = (): Float32Array => new Float32Array(rounds.length);
  for (let round = 0; rounds.stepAt(round) < STEPS; round++) {
    const parts = Array.from({ length: PARTS }, vector);
    for (const [part, out] of parts.entries()) await replica.contribute(part, out);
    const sum = vector();
    await new PortableCollective().sum(parts, sum);
    await replica.apply(sum);
  }
  const state = Array.from({ length: rounds.vectors }, vector);
  await replica.save(state);
  replica.destroy();
  return state;
}

/** @throws Error that names the seed and the faults, where the bits are not the expected ones */
export async function checkBulkSeed(
  strategy: StrategyFactory,
  seed: number,
  expected: readonly Float32Array[],
): Promise<void> {
  const random = new Random(seed, 6);
  const [workers, servers] = [1 + random.below(3), 1 + random.below(3)];
  const faults = seed % 2 === 0 ? {} : { drop: 0.03, double: 0.05, reorder: 0.05, late: 20 };
  const options: ServedRunOptions = { strategy, parts: PARTS, workers, servers, steps: STEPS, faults };
  const world = new SimulatedWorld(seed);
  const run = new ServedRun(world, options);
  const plan = Array.from({ length: 1 + random.below(4) }, () => strike(run, world, random, options));
  try {
    const found = await run.finish();
    if (!isSame(found, expected)) throw new Error("the bits are not those without servers");
    if (world.time.pending > 0) throw new Error(`${world.time.pending} timers are left`);
  } catch (error) {
    const what = `seed ${seed}: ${workers} workers, ${servers} servers; ${plan.join("; ")}: ${error}`;
    throw new Error(what, { cause: error });
  }
}

/** Whether the bits are equal. */
const isSame = (a: readonly Float32Array[], b: readonly Float32Array[]): boolean =>
  a.length === b.length && a.every((vector, i) => vector.every((value, j) => Object.is(value, b[i][j])));
