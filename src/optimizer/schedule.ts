/**
 * Learning-rate schedules: pure functions of the step, so that a resumed run needs no state to go on with the same rate.
 * Each gives a factor on the base rate; warm-up is a linear ramp in front of any of them.
 */

/** Every name of a `Schedule`. */
export const SCHEDULES = ["constant", "step", "cosine", "linear"] as const;

/**
 * - constant: 1
 * - step: `factor` ^ floor(step / every)
 * - cosine: from 1 to `floor` along half a cosine over the run   (Loshchilov & Hutter 2017, eq. 5)
 * - linear: from 1 to `floor` in a straight line over the run
 */
export interface Schedule {
  readonly name: (typeof SCHEDULES)[number];
  /** Steps of linear warm-up from 0; the schedule proper begins after them. */
  readonly warmup: number;
  /** `step` only: steps between drops. */
  readonly every: number;
  /** `step` only: what the rate is multiplied by at each drop. */
  readonly factor: number;
  /** `cosine` and `linear`: the fraction of the base rate that the run ends on. */
  readonly floor: number;
}

/** The base rate all the way. */
export const DEFAULT_SCHEDULE: Schedule = { name: "constant", warmup: 0, every: 1000, factor: 0.5, floor: 0 };

/** The factor on the base learning rate at `step` (from 0) of a run of `total` steps. */
export function rateFactor(schedule: Schedule, step: number, total: number): number {
  if (step < schedule.warmup) return (step + 1) / (schedule.warmup + 1);
  const since = step - schedule.warmup;
  const progress = Math.min(1, since / Math.max(1, total - schedule.warmup));
  switch (schedule.name) {
    case "constant":
      return 1;
    case "step":
      return schedule.factor ** Math.floor(since / schedule.every);
    case "cosine":
      return schedule.floor + ((1 - schedule.floor) * (1 + Math.cos(Math.PI * progress))) / 2;
    case "linear":
      return schedule.floor + (1 - schedule.floor) * (1 - progress);
  }
}
