import { expect, test } from "vitest";
import { simulate } from "../../src/world/simulate.js";
import { checkSeed } from "./check-seed.js";

test("whatever strikes, the bits are those of the run that nothing struck", { timeout: 120_000 }, async () => {
  let failures = 0;
  const first = Number(process.env.FIRST ?? 0);
  const seeds = Number(process.env.SEEDS ?? 30);
  let bad = 0;
  for (let seed = first; seed < first + seeds; seed++) {
    try {
      await simulate({ first: seed, seeds: 1 }, async (world) => {
        failures += (await checkSeed(world)).failures;
      });
    } catch (error) {
      bad++;
      console.log(String(error));
    }
  }
  console.log({ seeds, bad, failures });
  expect(bad).toBe(0);
  expect(failures).toBeGreaterThan(0);
});
