/** The causes of a failure are the faults that hit the same incarnation, and each fault is reported once. */
import { expect, test } from "vitest";
import { Strikes } from "../../src/faults/strikes.js";

test("the end of a process has all faults that struck that process, and no others", () => {
  const strikes = new Strikes();
  strikes.add(1, { fault: 10, struck: "process" });
  strikes.add(2, { fault: 11, struck: "process" });
  strikes.add(1, { fault: 12, struck: "device" });
  expect(strikes.take(1, "process", 5)).toEqual([10, 12]);
  expect(strikes.take(1, "process", 5)).toEqual([]);
  expect(strikes.take(3, "process", 5)).toEqual([]);
  expect(strikes.take(2, "process", 5)).toEqual([11]);
});

test("an actor in a process that lives on fails of its device", () => {
  const strikes = new Strikes();
  strikes.add(1, { fault: 10, struck: "process" });
  strikes.add(1, { fault: 11, struck: "device" });
  expect(strikes.take(1, "device", 5)).toEqual([11]);
  expect(strikes.take(1, "process", 5)).toEqual([10]);
});

test("a fault that is over is not the cause of a later failure", () => {
  const strikes = new Strikes();
  strikes.add(1, { fault: 10, struck: "process", until: 1000 });
  strikes.add(1, { fault: 11, struck: "process", until: 3000 });
  expect(strikes.take(1, "process", 2000)).toEqual([11]);
});
