/** Simulated runs with random faults of all kinds. `npm run simulate` does the same with more seeds. */
import { expect, test } from "vitest";
import { simulate } from "../../src/world/simulated/simulate.js";
import { SimulatedWorld } from "../../src/world/simulated/world.js";
import { FULL } from "../support/full.js";
import { checkSeed } from "./check-seed.js";

const SEEDS = Number(process.env.SEEDS ?? (FULL ? 500 : 200));
const FIRST = Number(process.env.FIRST ?? 0);

test(`whatever strikes, the bits are those of the run that nothing struck: ${SEEDS} seeds`, async () => {
  const failures = new Map<string, number>();
  let resumed = 0;
  await simulate({ first: FIRST, seeds: SEEDS }, async (world) => {
    const checked = await checkSeed(world);
    if (checked.lives > 1) resumed++;
    for (const failure of checked.failures) {
      const kind = failure.replace(/[\d.]+/g, "N");
      failures.set(kind, (failures.get(kind) ?? 0) + 1);
    }
  });
  if (process.env.SHOW) console.log(resumed, failures);
  expect(resumed).toBeGreaterThan(SEEDS / 50);
  for (const kind of ["killed", "no sign of life", "device was lost", "damaged", "not finite", "differs", "panics"]) {
    expect([...failures.keys()].filter((failure) => failure.includes(kind))).not.toEqual([]);
  }
});

test("a seed replays exactly: the same messages at the same moments", async () => {
  for (const seed of [1, 2, 3]) {
    const [first, second] = [await trace(seed), await trace(seed)];
    expect(first.length).toBeGreaterThan(100);
    expect(second).toEqual(first);
  }
});

async function trace(seed: number): Promise<string[]> {
  const lines: string[] = [];
  await checkSeed(new SimulatedWorld(seed), (line) => lines.push(line));
  return lines;
}
