// What the tree of actors costs when nothing fails: one worker, a process, under a coordinator, another one, beside the
// plain trainer; and what a second worker gains. Reference network, batch 1024.
//   node bench/distributed/overhead.mjs [rounds = 5] [seconds to wait for a quiet machine = 30]
import { quiet } from "../quiet.mjs";
import { configOf, distributed, median, pace, plain, randomDataset, windows } from "./measured-run.mjs";

const [ROUNDS = 5, QUIET_SECONDS = 30] = process.argv.slice(2).map(Number);
const BATCH = 1024;
/** Workers tell of windows of 64 and 36 steps. */
const STEPS = 264;
const SKIP = 64;
const dataset = randomDataset(10 * BATCH);
const config = (shards) => configOf({ batch: BATCH, shards, steps: STEPS });

const contestants = {
  "plain trainer, all cores": () => plain({ dataset, config: config(1) }),
  "1 worker, all cores": () => distributed({ dataset, config: config(1), devices: "cpu" }),
  "plain trainer, 1 thread": () => plain({ dataset, config: config(1), threads: 1 }),
  "1 worker of 1 thread": () => distributed({ dataset, config: config(1), devices: "cpu:1" }),
  "1 worker of 1 thread, 2 shards": () => distributed({ dataset, config: config(2), devices: "cpu:1" }),
  "2 workers of 1 thread, 2 shards": () => distributed({ dataset, config: config(2), devices: "cpu:1*2" }),
};

const paces = Object.fromEntries(Object.keys(contestants).map((name) => [name, []]));
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, train] of Object.entries(contestants)) {
    const isQuiet = await quiet(QUIET_SECONDS);
    const { events } = await train();
    paces[name].push(pace(windows(events), SKIP));
    process.stderr.write(
      `${round + 1}/${ROUNDS} ${name}: ${paces[name].at(-1).toFixed(2)} ms${isQuiet ? "" : " (busy)"}\n`,
    );
  }
}

const medians = Object.fromEntries(Object.entries(paces).map(([name, values]) => [name, median(values)]));
console.log("| run | ms a step |\n| --- | ---: |");
for (const [name, value] of Object.entries(medians)) console.log(`| ${name} | ${value.toFixed(2)} |`);

// Rounds are compared with themselves: what the machine was doing then befell both.
const ratio = (a, b) => median(paces[a].map((value, round) => value / paces[b][round]));
const cost = (tree, alone) => `${(100 * (ratio(tree, alone) - 1)).toFixed(1)} %`;
const [all, tree, one, treeOfOne, two, both] = Object.keys(contestants);
console.log(
  `\ncost of the tree, kernels on all cores: ${cost(tree, all)}; with a core to itself: ${cost(treeOfOne, one)}`,
);
console.log(`gain of a second worker: ${ratio(two, both).toFixed(2)} x`);
