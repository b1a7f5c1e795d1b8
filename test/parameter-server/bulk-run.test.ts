/** Runs of strategies whose parts come together, on parameter servers in a simulated world: the bits are those without servers. */
import { describe, expect, test } from "vitest";
import { mapReduce } from "../../src/strategies/map-reduce.js";
import { synchronous } from "../../src/strategies/synchronous.js";
import { SimulatedWorld } from "../../src/world/simulated/world.js";
import { FULL } from "../support/full.js";
import { alone, checkBulkSeed, PARTS, STEPS } from "./bulk-seed.js";
import { ServedRun } from "./served-run.js";

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
    for (let seed = 0; seed < seeds; seed++) await checkBulkSeed(strategy, seed, await expected);
  });
});
