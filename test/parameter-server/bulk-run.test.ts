/** Runs of strategies whose parts come together, on parameter servers in a simulated world: the bits are those without servers. */
import { describe, expect, test } from "vitest";
import { PortableCollective } from "../../src/collective/portable-collective.js";
import { openReferenceDevice } from "../../src/device/reference/reference-device.js";
import { mapReduce } from "../../src/strategies/map-reduce.js";
import { BulkRounds } from "../../src/strategies/rounds/bulk-rounds.js";
import type { StrategyFactory } from "../../src/strategies/strategy.js";
import { strategyRun } from "../../src/strategies/strategy-run.js";
import { synchronous } from "../../src/strategies/synchronous.js";
import { AutoencoderWorkload } from "../../src/workload/autoencoder.js";
import { Random } from "../../src/world/random.js";
import { SimulatedWorld } from "../../src/world/simulated/world.js";
import { config, dataset, IMAGES, model } from "../simulation/small-training.js";
import { FULL } from "../support/full.js";
import { ServedRun, type ServedRunOptions } from "./served-run.js";
import { strike } from "./strike.js";

const [PARTS, STEPS] = [3, 16];

/** The state at the end without servers, workers and messages. */
async function alone(factory: StrategyFactory): Promise<Float32Array[]> {
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

describe.each([
  ["synchronous", synchronous],
  ["map-reduce", mapReduce],
])("%s", (_, strategy) => {
  const expected = alone(strategy);

  test.each([
    [1, 1],
    [1, 2],
    [2, 1],
    [2, 3],
    [3, 2],
  ])("%d workers and %d servers: the bits are those without servers", async (workers, servers) => {
    const run = new ServedRun(new SimulatedWorld(1), { strategy, parts: PARTS, workers, servers, steps: STEPS });
    expect(await run.finish()).toEqual(await expected);
  });

  const seeds = FULL ? 300 : 40;
  test(`its bits do not depend on what strikes: ${seeds} seeds`, async () => {
    for (let seed = 0; seed < seeds; seed++) {
      const random = new Random(seed, 6);
      const [workers, servers] = [1 + random.below(3), 1 + random.below(3)];
      const faults = seed % 2 === 0 ? {} : { drop: 0.03, double: 0.05, reorder: 0.05, late: 20 };
      const options: ServedRunOptions = { strategy, parts: PARTS, workers, servers, steps: STEPS, faults };
      const world = new SimulatedWorld(seed);
      const run = new ServedRun(world, options);
      const plan = Array.from({ length: 1 + random.below(4) }, () => strike(run, world, random, options));
      try {
        expect(await run.finish()).toEqual(await expected);
        expect(world.time.pending).toBe(0);
      } catch (error) {
        const what = `seed ${seed}: ${workers} workers, ${servers} servers; ${plan.join("; ")}: ${error}`;
        throw new Error(what, { cause: error });
      }
    }
  });
});
