/**
 * Learning-rate schedules: pure functions of the step, so a resumed run goes on at the same rate without any state. Each
 * schedule gives a factor on the base rate, and has a file in `schedules/`. A linear warm-up may come before any schedule.
 */
import { Definitions, type UserName } from "../definitions.js";
import type { ScheduleDefinition } from "./schedule-definition.js";
import { constant } from "./schedules/constant.js";
import { cosine } from "./schedules/cosine.js";
import { linear } from "./schedules/linear.js";
import { step } from "./schedules/step.js";

const BUILT_IN = [constant, step, cosine, linear] as const;

/** The name of a schedule: one of the library, or one that a user has defined. */
export type ScheduleName = (typeof BUILT_IN)[number]["name"] | UserName;

/** The names of the library's schedules. */
export const SCHEDULES = BUILT_IN.map(({ name }) => name);

/** All schedules by name: those of the library, and those that users add. */
export const schedules = new Definitions<ScheduleDefinition>("schedule", BUILT_IN);

/**
 * - constant: 1
 * - step: `factor` ^ floor(step / every)
 * - cosine: from 1 to `floor` along half a cosine over the run   (Loshchilov & Hutter 2017, eq. 5)
 * - linear: from 1 to `floor` in a straight line over the run
 */
export interface Schedule {
  readonly name: ScheduleName;
  /** Steps of linear warm-up, from a rate of 0. The schedule itself begins after them. */
  readonly warmup: number;
  /** `step` only: steps between drops. */
  readonly every: number;
  /** `step` only: the factor by which each drop multiplies the rate. */
  readonly factor: number;
  /** `cosine` and `linear`: the fraction of the base rate that the run ends on. */
  readonly floor: number;
}

/** The base rate at every step. */
export const DEFAULT_SCHEDULE: Schedule = { name: "constant", warmup: 0, every: 1000, factor: 0.5, floor: 0 };

/** The factor on the base learning rate at `step` (from 0) of a run of `total` steps. */
export function rateFactor(schedule: Schedule, step: number, total: number): number {
  if (step < schedule.warmup) return (step + 1) / (schedule.warmup + 1);
  const since = step - schedule.warmup;
  const progress = Math.min(1, since / Math.max(1, total - schedule.warmup));
  return schedules.get(schedule.name).factor({ since, progress }, schedule);
}
