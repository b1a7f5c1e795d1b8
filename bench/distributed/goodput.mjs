// Throughput kept under faults: 32 workers on this machine, one fault every 29 s (killed, hung and device lost in turn),
// compared with the same run without faults, before and after it.
//   node bench/distributed/goodput.mjs [minutes = 10] [workers = 32] [every = 29]
import { configOf, distributed, randomDataset } from "./measured-run.mjs";

const [minutes = 10, workers = 32, every = 29] = process.argv.slice(2).map(Number);
const BATCH = 4096;
const SETTLE = 20;
const dataset = randomDataset(5 * BATCH);
const config = configOf({ layers: [784, 256, 32], batch: BATCH, parts: workers });
const { parseFaults } = await import("dawnpour/distributed");

const KINDS = [
  (w) => `kill worker-${w}`,
  (w) => `hang worker-${w} for 5s`,
  (w) => `lose device-${w}`,
  () => "kill coordinator",
];

function schedule(seconds) {
  const count = Math.floor(seconds / every);
  const faults = Array.from(
    { length: count },
    (_, i) => `${KINDS[i % KINDS.length]((7 * i) % workers)} at ${(i + 1) * every}s`,
  );
  return parseFaults(faults.join(";"), { workers });
}

/** Trains for some seconds. Returns the times of all steps and of the faults. */
async function stretch(seconds, faults) {
  const { times, events } = await distributed({ dataset, config, devices: `cpu:1*${workers}`, seconds, faults });
  const strikes = events.filter(({ event }) => event === "fault").map(({ at }) => at);
  const recoveries = events.filter(({ event }) => event === "recovery").length;
  const steps = times.filter(({ step }) => step >= SETTLE);
  const rate = BATCH * stepsPerSecond(steps, steps[0].at, steps.at(-1).at);
  process.stderr.write(
    `${faults ? "faults" : "calm  "} ${rate.toFixed(0)} images/s, ${steps.at(-1).step} steps, ${strikes.length} faults, ${recoveries} recoveries\n`,
  );
  return { rate, steps, strikes };
}

function stepsPerSecond(steps, from, to) {
  const within = steps.filter(({ at }) => at >= from && at <= to);
  return (1000 * (within.at(-1).step - within[0].step)) / (within.at(-1).at - within[0].at);
}

/**
 * The speed from each fault to the next, as a share of the speed in the second half of that time. Changes of the machine's speed
 * that are slower than this cancel out.
 */
function kept({ steps, strikes }) {
  const ends = [...strikes.slice(1), steps.at(-1).at];
  const intervals = strikes.map((from, i) => [from, ends[i]]).filter(([from, to]) => to - from > 1000 * (every - 1));
  const shares = intervals.map(([from, to]) => {
    const calm = stepsPerSecond(steps, from + (to - from) / 2, to);
    return stepsPerSecond(steps, from, to) / calm;
  });
  return { mean: shares.reduce((sum, share) => sum + share, 0) / shares.length, least: Math.min(...shares) };
}

const calm = [await stretch(60 * Math.min(1.5, minutes / 3))];
const faulty = await stretch(60 * minutes, schedule(60 * minutes));
calm.push(await stretch(60 * Math.min(1.5, minutes / 3)));
const percent = (share) => `${(100 * share).toFixed(1)} %`;
const { mean, least } = kept(faulty);
console.log(`${workers} workers, ${faulty.strikes.length} faults in ${minutes} min`);
console.log(`kept of the speed before the next fault: ${percent(mean)}, in the worst interval ${percent(least)}`);
console.log(
  `beside runs without faults: ${calm.map(({ rate }) => percent(faulty.rate / rate)).join(" of the one before, ")} of the one after`,
);
