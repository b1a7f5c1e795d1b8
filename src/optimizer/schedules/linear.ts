import { defineSchedule } from "../schedule-definition.js";

/** From 1 to `floor` in a straight line over the run */
export const linear = defineSchedule({
  name: "linear",
  factor: ({ progress }, { floor }) => floor + (1 - floor) * (1 - progress),
});
