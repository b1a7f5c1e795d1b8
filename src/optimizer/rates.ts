/**
 * How a learning rate goes over a run, as functions that return a factor on it: those of `schedules/`, others, and any function of the
 * step. A factor may be told the error of each evaluation, and go by it.
 */
import { UsageError } from "../error.js";
import { type Keys, refuseUnknownKeys } from "../option-keys.js";
import { DEFAULT_SCHEDULE, rateFactor, type Schedule } from "./schedule.js";

/** Where a run is: `step` from 0, of `total`. */
export interface RatePosition {
  readonly step: number;
  readonly total: number;
}

/** A factor on the learning rate: a function of the step, which may be told what evaluations find. */
export interface RateFactor {
  (position: RatePosition): number;
  /** Is called with the loss of each evaluation. */
  observe?(loss: number): void;
}

const named = (schedule: Partial<Schedule> & Pick<Schedule, "name">): RateFactor => {
  refuseUnknownKeys(schedule, KEYS, `options of schedules.${schedule.name}`);
  return ({ step, total }) => rateFactor({ ...DEFAULT_SCHEDULE, ...schedule }, step, total);
};

const KEYS: Keys<Schedule> = { name: true, warmup: true, every: true, factor: true, floor: true };

/** Options of all schedules. */
export interface WarmUp {
  /** Steps of a linear ramp from 0. Default: 0. */
  readonly warmup?: number;
}

/** The rate as it is. */
export const constant = (options: WarmUp = {}): RateFactor => named({ ...options, name: "constant" });

/** Times `factor` after every `every` steps. */
export const step = (options: WarmUp & { readonly every: number; readonly factor?: number }): RateFactor =>
  named({ ...options, name: "step" });

/** From 1 to `floor` along half a cosine over the run. */
export const cosine = (options: WarmUp & { readonly floor?: number } = {}): RateFactor =>
  named({ ...options, name: "cosine" });

/** From 1 to `floor` in a straight line over the run. */
export const linear = (options: WarmUp & { readonly floor?: number } = {}): RateFactor =>
  named({ ...options, name: "linear" });

/** From 1 to `floor` as (1 - progress) ^ `power`. */
export function polynomial({
  power = 1,
  floor = 0,
}: {
  readonly power?: number;
  readonly floor?: number;
} = {}): RateFactor {
  return ({ step, total }) => floor + (1 - floor) * (1 - Math.min(1, step / total)) ** power;
}

/** Options of `oneCycle`. */
export interface OneCycleOptions {
  readonly rise?: number;
  readonly start?: number;
  readonly end?: number;
}

/**
 * Up from `start` to 1 over the first `rise` of the run and down to `end` over the rest, both along half a cosine (Smith & Topin 2018,
 * "Super-convergence"): give the rule the greatest rate.
 */
export function oneCycle(options: OneCycleOptions = {}): RateFactor {
  refuseUnknownKeys<OneCycleOptions>(options, { rise: true, start: true, end: true }, "options of schedules.oneCycle");
  const { rise = 0.3, start = 0.04, end = 4e-6 } = options;
  if (!(rise > 0 && rise < 1)) throw new UsageError(`schedule oneCycle: rise must be between 0 and 1, got ${rise}`);
  const between = (from: number, to: number, progress: number): number =>
    to + ((from - to) * (1 + Math.cos(Math.PI * progress))) / 2;
  return ({ step, total }) => {
    const progress = Math.min(1, step / Math.max(1, total - 1));
    return progress < rise ? between(start, 1, progress / rise) : between(1, end, (progress - rise) / (1 - rise));
  };
}

/** Options of `plateau`. */
export interface PlateauOptions {
  readonly factor?: number;
  readonly patience?: number;
  readonly least?: number;
}

/**
 * Times `factor` whenever `patience` evaluations in a row have found no loss that is lower by `least`. A run that begins, at step 0,
 * begins with the whole rate.
 */
export function plateau(options: PlateauOptions = {}): RateFactor {
  const keys = { factor: true, patience: true, least: true } as const;
  refuseUnknownKeys<PlateauOptions>(options, keys, "options of schedules.plateau");
  const { factor = 0.5, patience = 5, least = 0 } = options;
  let [current, best, since] = [1, Number.POSITIVE_INFINITY, 0];
  const rate: RateFactor = ({ step }) => {
    if (step === 0) [current, best, since] = [1, Number.POSITIVE_INFINITY, 0];
    return current;
  };
  rate.observe = (loss) => {
    if (loss < best - least) [best, since] = [loss, 0];
    else if (++since >= patience) [current, since] = [current * factor, 0];
  };
  return rate;
}
