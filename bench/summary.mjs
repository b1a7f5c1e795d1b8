/** From the times of every round to one result: medians over the rounds, and ratios taken within them. */
import { median } from "d3-array";
import { OURS } from "./contestants.mjs";

/** @param rounds by contestant: `peer` and `times` of each round, or `error` */
export function summarise({ kind, name, precision, flops, bytes }, rounds) {
  const ours = rounds[OURS].times;
  const peers = {};
  for (const [id, { peer, times, error }] of Object.entries(rounds)) {
    if (id === OURS) continue;
    const entry = error ? { id, error } : { id, ...timing(times, flops), ratio: ratio(times, ours) };
    if (!peers[peer] || better(entry, peers[peer])) peers[peer] = entry;
  }
  return { kind, name, precision, flops, bytes, ...timing(ours, flops), peers };
}

/** A peer counts with its best setting. */
const better = (entry, other) => !entry.error && (other.error !== undefined || entry.ratio < other.ratio);

/** How many times as long as ours: the median over the rounds. */
const ratio = (times, ours) => median(times.map(({ medianMs }, round) => medianMs / ours[round].medianMs));

function timing(times, flops) {
  const medianMs = median(times.map((time) => time.medianMs));
  return {
    medianMs,
    fastestMs: Math.min(...times.map((time) => time.fastestMs)),
    slowestMs: Math.max(...times.map((time) => time.slowestMs)),
    gflops: flops / (medianMs * 1e6),
  };
}
