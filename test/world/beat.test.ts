import { expect, test } from "vitest";
import { untilBeat } from "../../src/world/beat.js";

const at = (time: number) => ({ now: () => 0, date: () => new Date(time) });

test("a beat is due at whole multiples of its period", () => {
  expect(untilBeat(at(1000), 400)).toBe(200);
  expect(untilBeat(at(1200), 400)).toBe(400);
  expect(untilBeat(at(1201), 400)).toBe(399);
});

test("a timer that fires a little early counts for the beat that is due", () => {
  expect(untilBeat(at(1199), 400)).toBe(401);
  expect(untilBeat(at(1161), 400)).toBe(439);
  expect(untilBeat(at(1159), 400)).toBe(41);
});
