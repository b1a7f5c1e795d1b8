/** Makes one result of the times of all rounds: medians over the rounds, and ratios within each round. */
import { median } from "d3-array";
import { OURS } from "./contestants.mjs";

/** @param rounds for each contestant its `peer`, and the `times` of all rounds or the `error` */
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

/** The median over the rounds of the peer's time divided by Dawnpour's. */
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
