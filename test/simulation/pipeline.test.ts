/** Under any faults a pipeline ends with the bits of one device without faults. */
import { describe, expect, it } from "vitest";
import { Random } from "../../src/world/random.js";
import { simulate } from "../../src/world/simulated/simulate.js";
import { SimulatedWorld } from "../../src/world/simulated/world.js";
import { checkPipeline, randomStrikes, STRIKE_KINDS } from "./check-pipeline.js";

const LOSSY = { drop: 0.03, double: 0.05, reorder: 0.05, late: 20 };

/** The environment can ask for more seeds or others, for runs of a whole night. */
const { FIRST = 100, SEEDS = 20 } = process.env;

describe("a pipeline in a simulated world", () => {
  it.each([1, 2, 5])("has the bits of one device with %i micro-batches", async (microBatches) => {
    expect(await checkPipeline(new SimulatedWorld(1), microBatches, {}, [])).toBe(0);
  });

  it("has them when many messages are lost, doubled and overtaken", async () => {
    await simulate({ seeds: 5 }, async (world) => {
      await checkPipeline(world, 4, { ...LOSSY, drop: 0.1 }, []);
    });
  });

  it.each(STRIKE_KINDS)("has them after %s", async (kind) => {
    let failures = 0;
    await simulate({ seeds: 3 }, async (world) => {
      failures += await checkPipeline(world, 3, {}, randomStrikes(new Random(world.seed, 5), 1, [kind]));
    });
    // A short pause, or a cut that heals at once, need not be noticed.
    if (!/hangStage|hangHead|cut/.test(kind)) expect(failures).toBeGreaterThanOrEqual(3);
  });

  it("has them after several of all kinds", { timeout: 3_600_000 }, async () => {
    let failures = 0;
    await simulate({ first: Number(FIRST), seeds: Number(SEEDS) }, async (world) => {
      const random = new Random(world.seed, 55);
      const strikes = randomStrikes(random, random.below(5));
      failures += await checkPipeline(world, 1 + random.below(5), random.uniform() < 0.5 ? LOSSY : {}, strikes);
    });
    expect(failures).toBeGreaterThan(0);
  });
});
