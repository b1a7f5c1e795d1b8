/** A gemm compiled with every tile that may be used for it, to be timed. */
import { type Device, DeviceLostError, type Executable } from "../device/device.js";
import { type GemmTile, tileName } from "../device/webgpu/gemm-tile.js";
import { DawnpourError } from "../error.js";
import type { GemmOp } from "../program/op.js";
import type { Program } from "../program/program.js";
import type { Clock } from "../world/world.js";
import { errorOf, resultsOf, sameBits } from "./gemm-check.js";
import { gemmKey } from "./gemm-key.js";
import type { GemmPlans } from "./gemm-plans.js";
import { gemmProgram, randomOperands } from "./gemm-program.js";
import type { Contestant } from "./race.js";

/** The default comes first. */
interface GemmTrial {
  readonly contestants: readonly Contestant[];
  destroy(): void;
}

/**
 * Largest relative error that counts as right, as everywhere; for a result in f16, half a unit of its last place more.
 */
const TOLERANCE = { f32: 1e-5, f16: 1e-5 + 2 ** -10 } as const;

/** @throws DawnpourError when the default tile gives a wrong result */
export async function prepareTrial(device: Device, clock: Clock, plans: GemmPlans, op: GemmOp): Promise<GemmTrial> {
  const program = gemmProgram(op);
  const operands = randomOperands(program);
  const ready = new Map<string, Executable>();
  const destroy = (): void => {
    for (const executable of ready.values()) executable.destroy();
  };
  try {
    const byDefault = await device.compile(tried(program, plans));
    const [defaultTile, ...others] = plans.candidates(op);
    ready.set(tileName(defaultTile), byDefault);
    const results = await resultsOf(byDefault, operands);
    const error = await errorOf(op, operands, results);
    if (!(error <= TOLERANCE[op.out.type === "f16" ? "f16" : "f32"])) {
      const off = error.toExponential(1);
      throw new DawnpourError(
        `gemm ${gemmKey(op)}: ${device.info.name} computes it wrong, off by ${off}, relative: use another device`,
      );
    }
    for (const [name, executable] of await compileTiles(device, plans, byDefault, others)) {
      ready.set(name, executable);
      if (sameBits(results, await resultsOf(executable, operands))) continue;
      executable.destroy();
      ready.delete(name);
    }
    const runs = await runsPerTiming(device, clock, byDefault);
    const contestants = [...ready].map(([name, executable]) => ({
      name,
      time: () => timeRuns(device, clock, executable, runs),
    }));
    return { contestants, destroy };
  } catch (error) {
    destroy();
    throw error;
  }
}

/** Compiles all tiles at once, because drivers compile on several threads. They share the buffers of `byDefault`. */
async function compileTiles(
  device: Device,
  plans: GemmPlans,
  byDefault: Executable,
  tiles: readonly GemmTile[],
): Promise<[name: string, Executable][]> {
  const { program } = byDefault;
  const bindings = Object.fromEntries(program.buffers.map(({ name }) => [name, byDefault.buffer(name)]));
  const compile = async (tile: GemmTile): Promise<[string, Executable][]> => {
    try {
      return [[tileName(tile), await device.compile(tried(program, plans, tile), bindings)]];
    } catch (error) {
      // A tile that the driver refuses is skipped.
      if (!(error instanceof DawnpourError) || error instanceof DeviceLostError) throw error;
      return [];
    }
  };
  return (await Promise.all(tiles.map(compile))).flat();
}

/** A copy of a program whose gemm uses this tile; the default tile without one. */
function tried(program: Program, plans: GemmPlans, tile?: GemmTile): Program {
  const ops = program.ops.map((op) => ({ ...op }));
  for (const op of ops) if (op.kind === "gemm") plans.try(op, tile);
  return { ...program, ops };
}

/** Shorter samples measure the clock and the latency of the device. */
const LEAST_MILLISECONDS = 4;
const MOST_RUNS = 1024;

async function runsPerTiming(device: Device, clock: Clock, executable: Executable): Promise<number> {
  for (let runs = 1; runs < MOST_RUNS; runs *= 2) {
    // The lesser of two: one long outlier would make too few runs look like enough.
    const first = await timeRuns(device, clock, executable, runs);
    const second = await timeRuns(device, clock, executable, runs);
    if (runs * Math.min(first, second) >= LEAST_MILLISECONDS) return runs;
  }
  return MOST_RUNS;
}

/** Milliseconds a run. */
async function timeRuns(device: Device, clock: Clock, executable: Executable, runs: number): Promise<number> {
  await device.idle();
  const start = clock.now();
  executable.run(runs);
  await device.idle();
  return (clock.now() - start) / runs;
}
