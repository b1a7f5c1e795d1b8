// Two workers, of which one is three times slower: the speed of both, beside the sum of their speeds alone.
//   node bench/distributed/stragglers.mjs [pairs = 3] [parts = 16] [ms = 0]
// With milliseconds the devices are slowed: the first takes so long for a part, or as long as it takes. Then two cores carry both
// workers and the coordinator, and what is measured is the schedule.
import { configOf, distributed, median, pace, randomDataset, windows } from "./measured-run.mjs";

const [PAIRS = 3, PARTS = 16, MS = 0] = process.argv.slice(2).map(Number);
const FACTOR = 3;
const BATCH = MS > 0 ? 64 * PARTS : 8192;
/** These first steps are left out: V8 compiles the code while they run, and the pace of the workers is not known. */
const [SKIP, STEPS] = [20, 80];
const dataset = randomDataset(4 * BATCH);
const config = configOf({ layers: [784, 250, 30], batch: BATCH, parts: PARTS, steps: STEPS });
const { parseFaults } = await import("dawnpour/distributed");
const slow = (worker, how) => `slow worker-${worker} ${how} for 1h at step 1`;
const first = MS > 0 ? [slow(0, `to ${MS}ms`)] : [];
const second = slow(1, MS > 0 ? `to ${FACTOR * MS}ms` : `by ${FACTOR}x`);
const faultsOf = (all) => parseFaults(all.join(";"), { workers: 2 });

/** Milliseconds a step. */
const measure = async (options) => pace(windows((await distributed({ dataset, config, ...options })).events), SKIP);

const shares = [];
for (let pair = 0; pair < PAIRS; pair++) {
  const alone = await measure({ devices: "cpu:1", faults: faultsOf(first) });
  const both = await measure({ devices: "cpu:1*2", faults: faultsOf([...first, second]) });
  const share = alone / both / (1 + 1 / FACTOR);
  shares.push(share);
  console.error(
    `${pair + 1}/${PAIRS}: ${alone.toFixed(1)} ms alone, ${both.toFixed(1)} ms both: ${(100 * share).toFixed(1)} %`,
  );
}
console.log(
  `two workers, one ${FACTOR} times slower, ${PARTS} parts: ${(100 * median(shares)).toFixed(1)} % of the sum of their speeds`,
);
