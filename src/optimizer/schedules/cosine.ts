import { defineSchedule } from "../schedule-definition.js";

/** From 1 to `floor` along half a cosine over the run   (Loshchilov & Hutter 2017, eq. 5) */
export const cosine = defineSchedule({
  name: "cosine",
  factor: ({ progress }, { floor }) => floor + ((1 - floor) * (1 + Math.cos(Math.PI * progress))) / 2,
});
