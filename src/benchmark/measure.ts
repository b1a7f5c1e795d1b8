/**
 * Measures run times: warm up, choose how many runs make a sample long enough for the clock, take several samples, give
 * the median. The device is idle before and after each sample, so a sample holds only its runs.
 */
import type { Device, Executable } from "../device/device.js";
import type { Float } from "../program/buffer.js";
import type { Program } from "../program/program.js";
import type { Clock } from "../world/world.js";

/** How to measure. */
export interface BenchmarkOptions {
  /** Precision of the operands, or of the batches and weights of a training step. Default: f32. */
  readonly precision?: Float;
  /** Seed of the operands. Default: 0. */
  readonly seed?: number;
  /** Called with the program before it is compiled: the moment to tune the device for it. */
  readonly tune?: (program: Program) => Promise<unknown>;
}

const SAMPLES = 7;
/** A sample of this length needs no further runs. */
const LONG_MILLISECONDS = 1000;
const LONG_SAMPLES = 3;
/** Above this time the first run is the only one. */
const ENDLESS_MILLISECONDS = 10_000;
const SAMPLE_MILLISECONDS = 60;

/** The median of several samples, in milliseconds for each run. */
export interface Timing {
  readonly medianMs: number;
  /** Fastest and slowest sample. */
  readonly fastestMs: number;
  readonly slowestMs: number;
}

/**
 * Times the runs of a compiled program.
 * @example
 * ```ts
 * import { nodeWorld } from "dawnpour/actors";
 * import { benchmarks, openDevice, ProgramBuilder } from "dawnpour/kernels";
 *
 * const builder = new ProgramBuilder("one product");
 * const [a, b, out] = ["a", "b", "out"].map((name) => builder.buffer(name, "f32", [32, 32]));
 * await using device = await openDevice({ device: "cpu" });
 * const executable = await device.compile(builder.gemm({ a, b, out }).build());
 * const { fastestMs, medianMs } = await benchmarks.measure(device, executable, nodeWorld().clock);
 * console.log(fastestMs <= medianMs); // true
 * ```
 */
export async function measure(device: Device, executable: Executable, clock: Clock): Promise<Timing> {
  const sample = async (runs: number): Promise<number> => {
    await device.idle();
    const start = clock.now();
    executable.run(runs);
    await device.idle();
    return (clock.now() - start) / runs;
  };
  // The first run may compile; the second gives the duration of one run.
  await sample(1);
  const once = await sample(1);
  if (once > ENDLESS_MILLISECONDS) return { medianMs: once, fastestMs: once, slowestMs: once };
  const runs = Math.max(1, Math.min(1000, Math.ceil(SAMPLE_MILLISECONDS / once)));
  const samples: number[] = [];
  const count = once < LONG_MILLISECONDS ? SAMPLES : LONG_SAMPLES;
  for (let i = 0; i < count; i++) samples.push(await sample(runs));
  samples.sort((a, b) => a - b);
  return { medianMs: samples[count >> 1], fastestMs: samples[0], slowestMs: samples[count - 1] };
}
