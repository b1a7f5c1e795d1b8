// The cost of the tree of actors when nothing fails: one worker and its coordinator, each a process, compared with the plain
// trainer. Also the gain of a second worker. Reference network, batch 1024.
//   node bench/distributed/overhead.mjs [pairs = 5] [seconds to wait for a quiet machine = 30] [cores, thread or second ...]
import { quiet } from "../quiet.mjs";
import { configOf, distributed, median, pace, plain, randomDataset, windows } from "./measured-run.mjs";

const [PAIRS = 5, QUIET_SECONDS = 30] = process.argv.slice(2, 4).map(Number);
if (!(PAIRS >= 1 && QUIET_SECONDS >= 0)) throw new Error("give first the number of pairs, then seconds, then names");
const BATCH = 1024;
/** These first steps are left out, because V8 compiles the code while they run. */
const [SKIP, STEPS] = [264, 464];
const dataset = randomDataset(10 * BATCH);
const config = (parts) => configOf({ batch: BATCH, parts, steps: STEPS });

const comparisons = {
  cores: {
    title: "1 worker under the tree : plain trainer, kernels on all cores",
    one: () => distributed({ dataset, config: config(1), devices: "cpu" }),
    other: () => plain({ dataset, config: config(1) }),
  },
  thread: {
    title: "1 worker under the tree : plain trainer, each with 1 thread",
    one: () => distributed({ dataset, config: config(1), devices: "cpu:1" }),
    other: () => plain({ dataset, config: config(1), threads: 1 }),
  },
  second: {
    title: "1 worker : 2 workers, of 1 thread each, 2 parts",
    one: () => distributed({ dataset, config: config(2), devices: "cpu:1" }),
    other: () => distributed({ dataset, config: config(2), devices: "cpu:1*2" }),
  },
};

const asked = process.argv.length > 4 ? process.argv.slice(4) : Object.keys(comparisons);
const unknown = asked.find((name) => !Object.hasOwn(comparisons, name));
if (unknown) throw new Error(`no comparison "${unknown}": there are ${Object.keys(comparisons).join(", ")}`);

/** Milliseconds a step. */
async function measure(train) {
  const isQuiet = await quiet(QUIET_SECONDS);
  const { events } = await train();
  return { value: pace(windows(events), SKIP), isQuiet };
}

const results = Object.fromEntries(asked.map((name) => [name, []]));
for (let pair = 0; pair < PAIRS; pair++) {
  for (const name of asked) {
    const found = {};
    // Which of the two runs first alternates.
    const order = pair % 2 === 0 ? ["one", "other"] : ["other", "one"];
    for (const side of order) found[side] = await measure(comparisons[name][side]);
    const { one, other } = found;
    const ratio = one.value / other.value;
    results[name].push(ratio);
    const noise = one.isQuiet && other.isQuiet ? "" : " (busy)";
    const times = `${one.value.toFixed(2)} : ${other.value.toFixed(2)} ms`;
    console.error(`${pair + 1}/${PAIRS} ${name}: ${times} = ${ratio.toFixed(3)}${noise}`);
  }
}

// The ratio is taken within each pair, because other work on the machine slows both of a pair.
console.log("| milliseconds a step | pairs | median | mean | least - most |\n| --- | ---: | ---: | ---: | --- |");
for (const name of asked) {
  const ratios = results[name];
  const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
  const range = `${Math.min(...ratios).toFixed(3)} - ${Math.max(...ratios).toFixed(3)}`;
  console.log(
    `| ${comparisons[name].title} | ${PAIRS} | ${median(ratios).toFixed(3)} | ${mean.toFixed(3)} | ${range} |`,
  );
}
