/** Waits for a quiet machine: what others use of it is seen while every contestant sleeps. */
import { cpus } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

/** OpenBLAS's threads spin for a tenth of a second after their last work. */
const SETTLE_MILLISECONDS = 200;
const WINDOW_MILLISECONDS = 250;
const PAUSE_MILLISECONDS = 2_000;
/** Share of all cores. A test run next door takes half of two. */
const QUIET_SHARE = 0.08;

/** Waits until the threads of whoever just measured sleep. */
export const settle = () => sleep(SETTLE_MILLISECONDS);

/** Whether the machine is quiet, if need be after up to `seconds` of waiting. */
export async function quiet(seconds) {
  const end = performance.now() + 1000 * seconds;
  while ((await busyShare()) > QUIET_SHARE) {
    if (performance.now() > end) return false;
    await sleep(PAUSE_MILLISECONDS);
  }
  return true;
}

async function busyShare() {
  const before = times();
  await sleep(WINDOW_MILLISECONDS);
  const after = times();
  return 1 - (after.idle - before.idle) / (after.all - before.all);
}

function times() {
  const all = cpus().map(({ times }) => times);
  const sum = (values) => values.reduce((total, value) => total + value, 0);
  return { idle: sum(all.map(({ idle }) => idle)), all: sum(all.flatMap((times) => Object.values(times))) };
}
