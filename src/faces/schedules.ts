/** Schedules of learning rates: functions that return a function of the step. */
export * from "../optimizer/rates.js";
