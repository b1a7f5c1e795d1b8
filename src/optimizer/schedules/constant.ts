import { defineSchedule } from "../schedule-definition.js";

/** The factor is always 1. */
export const constant = defineSchedule({
  name: "constant",
  factor: () => 1,
});
