/**
 * How a run time is measured: warm up, choose how many runs make one sample long enough for the clock, take several
 * samples, give the median. The device is idle before and after each sample, so a sample holds nothing but its runs.
 */
import type { Device, Executable } from "../device/device.js";
import type { Clock } from "../world/world.js";

const SAMPLES = 7;
const SAMPLE_MILLISECONDS = 60;

/** Of several samples, milliseconds a run. */
export interface Timing {
  readonly medianMs: number;
  /** Fastest and slowest sample. */
  readonly fastestMs: number;
  readonly slowestMs: number;
}

/** Times the runs of a program that is ready to run. */
export async function measure(device: Device, executable: Executable, clock: Clock): Promise<Timing> {
  const sample = async (runs: number): Promise<number> => {
    await device.idle();
    const start = clock.now();
    executable.run(runs);
    await device.idle();
    return (clock.now() - start) / runs;
  };
  // The first run may compile; the second says how long one takes.
  await sample(1);
  const once = await sample(1);
  const runs = Math.max(1, Math.min(1000, Math.ceil(SAMPLE_MILLISECONDS / once)));
  const samples: number[] = [];
  for (let i = 0; i < SAMPLES; i++) samples.push(await sample(runs));
  samples.sort((a, b) => a - b);
  return { medianMs: samples[SAMPLES >> 1], fastestMs: samples[0], slowestMs: samples[SAMPLES - 1] };
}
