/**
 * Finds the fastest tile for each gemm of a program on this device, once: no tile is the best everywhere, and the best
 * one cannot be told from the properties of a driver. Only tiles with the same bits as the default take part
 * (`gemm-check.ts`), so tuning changes only the speed of a run.
 */
import type { Callbacks } from "../callbacks.js";
import type { Device } from "../device/device.js";
import { tileName } from "../device/webgpu/gemm-tile.js";
import type { GemmOp } from "../program/op.js";
import type { Program } from "../program/program.js";
import type { Clock } from "../world/world.js";
import type { GemmTuning, TuningEvent } from "./event.js";
import { gemmsOf } from "./gemm-key.js";
import type { GemmPlans } from "./gemm-plans.js";
import { prepareTrial } from "./gemm-trial.js";
import type { PlanCache } from "./plan-cache.js";
import { race } from "./race.js";

export interface TunerParts {
  readonly device: Device;
  /** The planner that `device` was opened with. */
  readonly plans: GemmPlans;
  readonly cache: PlanCache;
  readonly clock: Clock;
  readonly callbacks: Callbacks;
  readonly tell: (event: TuningEvent) => void;
}

/** Limits of tuning, and its observer. */
export interface TuneOptions {
  /**
   * Which gemms to race: those that the cache does not know, all, or none. Default: none on a software adapter, where
   * compiling more kernels takes longer than most runs could save; else the unknown ones.
   */
  readonly race?: "unknown" | "all" | "none";
  /** Seconds for tuning. Gemms that are left then keep their tile. Default: 15. */
  readonly seconds?: number;
  /** Ends tuning early. */
  readonly signal?: AbortSignal;
}

const SECONDS = 15;

/** Finds the fastest kernels for a program on one device. */
export class Tuner {
  readonly #parts: TunerParts;

  /** From here on the device uses the tiles in the cache. */
  constructor(parts: TunerParts) {
    this.#parts = parts;
    for (const [key, tile] of parts.cache.current) parts.plans.choose(key, tile);
  }

  /**
   * Chooses a tile for each gemm of the programs, the most work first. Call it before the device compiles them. Gemms
   * that were left when the time was up count as known afterwards, so later runs do not tune them again.
   * @returns the results of the races
   * @throws DawnpourError when the device computes a gemm wrong
   */
  async tune(programs: Program | readonly Program[], options: TuneOptions = {}): Promise<GemmTuning[]> {
    const { device, clock, cache, callbacks, tell } = this.#parts;
    const { race: which = device.info.software ? "none" : "unknown", seconds = SECONDS, signal } = options;
    const gemms = gemmsOf(...[programs].flat());
    const open = [...gemms].filter(([key]) => which === "all" || (which === "unknown" && !cache.isCurrent(key)));
    const end = clock.now() + 1000 * seconds;
    const timeIsUp = (): boolean => clock.now() >= end || signal?.aborted === true;
    const tunings: GemmTuning[] = [];
    for (const [key, op] of open) {
      if (signal?.aborted) break;
      // There is always time for one gemm: it also tells the planner its target.
      const late = tunings.length > 0 && timeIsUp();
      const tuning = late ? this.#unraced(key, op) : await this.#race(key, op, timeIsUp);
      // The race was interrupted.
      if (signal?.aborted) break;
      this.#choose(key, tuning.tile);
      tunings.push(tuning);
      tell({ event: "tuned", tuning, done: tunings.length, total: open.length });
      callbacks.check();
    }
    if (tunings.length > 0) await cache.save();
    await callbacks.settled();
    return tunings;
  }

  #choose(key: string, tile: string): void {
    this.#parts.plans.choose(key, tile);
    this.#parts.cache.set(key, tile);
  }

  /** The holder keeps its title if it was checked with the present kernels. */
  #unraced(gemm: string, op: GemmOp): GemmTuning {
    const { plans, cache } = this.#parts;
    const defaultTile = tileName(plans.candidates(op)[0]);
    const holder = cache.isCurrent(gemm) ? cache.holder(gemm) : undefined;
    return { gemm, tile: holder ?? defaultTile, defaultTile, raced: 0 };
  }

  async #race(gemm: string, op: GemmOp, timeIsUp: () => boolean): Promise<GemmTuning> {
    const { device, clock, plans, cache } = this.#parts;
    const trial = await prepareTrial(device, clock, plans, op);
    try {
      const names = trial.contestants.map(({ name }) => name);
      const [defaultTile] = names;
      const holder = cache.holder(gemm);
      const seeded = holder !== undefined && names.includes(holder) ? [holder, defaultTile] : [defaultTile];
      const { winner, medians } = await race(trial.contestants, { seeded, timeIsUp });
      const [defaultMs, tileMs] = [medians.get(defaultTile), medians.get(winner)];
      return { gemm, tile: winner, defaultTile, raced: names.length, defaultMs, tileMs };
    } finally {
      trial.destroy();
    }
  }
}
