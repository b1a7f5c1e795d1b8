/** Simulated runs over links: virtual time is that of the link and the computing, and the bits are those without a link. */
import { expect, it } from "vitest";
import { SimulatedWorld } from "../../src/world/simulated/world.js";
import { difference, faultless } from "./faultless.js";
import { SimulatedRun, SPARSE } from "./simulated-run.js";
import { ROUNDS, synchronous } from "./small-training.js";

const PARTS = 4;
const BYTES = 4 * synchronous(PARTS).length;

/** Milliseconds a round, between the first and the last. */
async function pace(workers: number, link?: { readonly bytesPerSecond: number; readonly latency: number }) {
  const world = new SimulatedWorld(3);
  const run = await SimulatedRun.start(world, {
    workers,
    parts: PARTS,
    link,
    triggers: SPARSE,
    faults: { delay: [0, 0] },
  });
  const times: number[] = [];
  run.told.onProgress = () => times.push(world.clock.now());
  const finished = await run.finish();
  expect(finished && difference(finished.state, await faultless(PARTS))).toBeUndefined();
  expect(run.told.failures).toEqual([]);
  return (times[ROUNDS - 1] - times[1]) / (ROUNDS - 2);
}

it("a round takes longer by what its vectors and its messages need", async () => {
  // 100 ms for each vector.
  const bytesPerSecond = BYTES / 0.1;
  const free = await pace(2);
  // Four contributions come in after the first sum has gone out; the second sum goes out meanwhile.
  const slow = await pace(2, { bytesPerSecond, latency: 0 });
  expect(slow - free).toBeGreaterThan(450);
  expect(slow - free).toBeLessThan(600);
  // The last sum goes out after four, and then its worker's contribution comes in.
  const four = await pace(4, { bytesPerSecond, latency: 0 });
  expect(four - free).toBeGreaterThan(450);
  expect(four - free).toBeLessThan(600);
});
