/** Waits for a quiet machine. While every contestant sleeps, all use of the cores is by other processes. */
import { cpus } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

/** OpenBLAS's threads spin for a tenth of a second after their last work. */
const SETTLE_MILLISECONDS = 200;
const WINDOW_MILLISECONDS = 250;
const PAUSE_MILLISECONDS = 2_000;
/** The share of all cores that other processes may use. A run of the tests takes half of two cores. */
const QUIET_SHARE = 0.08;

/** Waits until the threads of the last contestant sleep. */
export const settle = () => sleep(SETTLE_MILLISECONDS);

/** Waits up to `seconds` for a quiet machine, and tells whether it is quiet. */
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
