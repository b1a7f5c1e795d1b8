import { defineSchedule } from "../schedule-definition.js";

/** 1 */
export const constant = defineSchedule({
  name: "constant",
  factor: () => 1,
});
