// Throughput kept under faults: 32 workers on this machine, one fault every 29 s (killed, hung and device lost in turn),
// beside the same run without faults, in alternating stretches.
//   node bench/distributed/goodput.mjs [minutes = 10] [workers = 32] [every = 29]
import { configOf, distributed, randomDataset } from "./measured-run.mjs";

const [minutes = 10, workers = 32, every = 29] = process.argv.slice(2).map(Number);
const BATCH = 4096;
const SETTLE = 20;
const dataset = randomDataset(5 * BATCH);
const config = configOf({ layers: [784, 256, 32], batch: BATCH, shards: workers });
const { parseFaults } = await import("../../dist/distributed/parse-faults.js");

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

/** Images a second once the first steps are done. */
async function stretch(seconds, faults) {
  const { times, events } = await distributed({ dataset, config, devices: `cpu:1*${workers}`, seconds, faults });
  const first = times.find(({ step }) => step >= SETTLE);
  const last = times.at(-1);
  const rate = (1000 * BATCH * (last.step - first.step)) / (last.at - first.at);
  const count = events.filter(({ event }) => event === "fault").length;
  const recoveries = events.filter(({ event }) => event === "recovery").length;
  process.stderr.write(
    `${faults ? "faults" : "calm  "} ${rate.toFixed(0)} images/s, ${last.step} steps, ${count} faults, ${recoveries} recoveries\n`,
  );
  return { rate, count, steps: last.step };
}

const calm = [await stretch(60 * Math.min(1.5, minutes / 3))];
const faulty = await stretch(60 * minutes, schedule(60 * minutes));
calm.push(await stretch(60 * Math.min(1.5, minutes / 3)));
const reference = (calm[0].rate + calm[1].rate) / 2;
console.log(
  `${workers} workers, ${faulty.count} faults in ${minutes} min: ${((100 * faulty.rate) / reference).toFixed(2)} % of the throughput without faults`,
);
console.log(
  `calm before ${calm[0].rate.toFixed(0)}, with faults ${faulty.rate.toFixed(0)}, calm after ${calm[1].rate.toFixed(0)} images/s`,
);
