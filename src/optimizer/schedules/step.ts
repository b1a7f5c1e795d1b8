import { defineSchedule } from "../schedule-definition.js";

/** `factor` ^ floor(step / every) */
export const step = defineSchedule({
  name: "step",
  factor: ({ since }, { factor, every }) => factor ** Math.floor(since / every),
});
