// The longest pause between two commits while workers join and leave, beside the median round of the run.
//   node bench/distributed/elastic.mjs [runs = 3] [batch = 4096] [parts = 8]
import { configOf, distributed, median, randomDataset } from "./measured-run.mjs";

const [RUNS = 3, BATCH = 4096, PARTS = 8] = process.argv.slice(2).map(Number);
/** These first steps are left out: V8 compiles the code while they run. */
const SKIP = 15;
const MOVES = [
  "join worker at step 40",
  "leave worker-0 at step 80",
  "join worker at step 120",
  "leave worker-1 at step 160",
];
const dataset = randomDataset(2 * BATCH);
const config = configOf({ layers: [784, 250, 30], batch: BATCH, parts: PARTS, steps: 200 });
const { parseFaults } = await import("dawnpour/distributed");

/** Milliseconds between commits, each with the step that it led to. */
async function gaps() {
  const faults = parseFaults(MOVES.join(";"), { workers: 3 });
  const { times, events } = await distributed({ dataset, config, devices: "cpu:1*3", least: 1, faults });
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
