// The longest pause between two commits while workers join and leave, beside the median round of the run.
//   node bench/distributed/elastic.mjs [runs = 3] [ms a part = 50] [parts = 6]
// The devices are slowed, so that two cores carry all workers and the start of those that join.
import { configOf, distributed, median, randomDataset } from "./measured-run.mjs";

const [RUNS = 3, MS = 50, PARTS = 6] = process.argv.slice(2).map(Number);
/** These first steps are left out: V8 compiles the code while they run. */
const SKIP = 10;
const MOVES = [
  "join worker at step 20",
  "leave worker-0 at step 45",
  "join worker at step 60",
  "leave worker-1 at step 85",
];
const SLOW = [0, 1, 2].map((worker) => `slow worker-${worker} to ${MS}ms for 1h at step 1`);
const BATCH = 64 * PARTS;
const dataset = randomDataset(8 * BATCH);
const config = configOf({ layers: [784, 250, 30], batch: BATCH, parts: PARTS, steps: 110 });
const { parseFaults } = await import("dawnpour/distributed");

/** Milliseconds between commits, each with the step that it led to, and the steps at which workers came and went. */
async function gaps() {
  const faults = parseFaults([...MOVES, ...SLOW].join(";"), { workers: 3 });
  const { times, events } = await distributed({ dataset, config, devices: "cpu:1*3", least: 2, faults });
  const steps = times.filter(({ step }) => step >= SKIP);
  const moves = events.filter(({ event }) => event === "join" || event === "leave");
  return { all: steps.slice(1).map(({ step, at }, i) => ({ step, gap: at - steps[i].at })), moves };
}

const ratios = [];
for (let run = 0; run < RUNS; run++) {
  const { all, moves } = await gaps();
  const round = median(all.map(({ gap }) => gap));
  const longest = all.reduce((a, b) => (b.gap > a.gap ? b : a));
  ratios.push(longest.gap / round);
  const told = moves.map(({ event, target, step }) => `${target} ${event} ${step}`).join(", ");
  console.error(`${round.toFixed(1)} ms median, ${longest.gap.toFixed(1)} ms before step ${longest.step} (${told})`);
}
console.log(`longest pause while workers join and leave: ${median(ratios).toFixed(2)} times the median round`);
