// The time from a failure to the next step, on the reference network: workers killed and hung, coordinators killed.
//   node bench/distributed/recovery.mjs [kind = kill-worker] [count = 30]
import { configOf, distributed, quantile, randomDataset } from "./measured-run.mjs";

const KINDS = {
  "kill-worker": { fault: (i) => `kill worker-${i % 2}`, every: 1.5 },
  "hang-worker": { fault: (i) => `hang worker-${i % 2} for 6s`, every: 8 },
  "kill-coordinator": { fault: () => "kill coordinator", every: 3 },
  "lose-device": { fault: (i) => `lose device-${i % 2}`, every: 2 },
};

const [kind = "kill-worker", count = 30] = process.argv.slice(2);
const { fault, every } = KINDS[kind];
const BATCH = 256;
const dataset = randomDataset(40 * BATCH);
const { parseFaults } = await import("dawnpour/distributed");
const text = Array.from({ length: Number(count) }, (_, i) => `${fault(i)} at ${4 + i * every}s`).join(";");
const faults = parseFaults(text, { workers: 2 });
const seconds = 4 + Number(count) * every + 3;
const { events, times } = await distributed({
  dataset,
  config: configOf({ batch: BATCH, parts: 2 }),
  devices: "cpu:1*2",
  seconds,
  faults,
});

const strikes = events.filter(({ event }) => event === "fault");
const recoveries = events.filter(({ event }) => event === "recovery");
// The time of a recovery begins when the fault happens. It ends with the first step that is committed after its notice.
const rows = strikes.flatMap(({ id, time, fault: name }) => {
  const recovery = recoveries.find(({ faults }) => faults.includes(id));
  return recovery ? [{ name, noticed: recovery.noticed - time, resumed: recovery.resumed - recovery.noticed }] : [];
});
const gaps = strikes.map(({ at }) => {
  const next = times.findIndex((time) => time.at > at);
  return next < 0
    ? 0
    : Math.max(
        ...times.slice(next, next + 40).map((time, i, all) => (i === 0 ? time.at - at : time.at - all[i - 1].at)),
      );
});
const show = (values) => [0.5, 0.9, 0.99, 1].map((q) => `p${100 * q} ${quantile(values, q).toFixed(3)}`).join(", ");
console.log(`${kind}: ${strikes.length} faults, ${rows.length} recoveries reported, ${times.length} steps`);
console.log(`fault -> notice (s):      ${show(rows.map(({ noticed }) => noticed))}`);
console.log(`notice -> next step (s):  ${show(rows.map(({ resumed }) => resumed))}`);
console.log(`longest pause (s):        ${show(gaps.map((gap) => gap / 1000))}`);
