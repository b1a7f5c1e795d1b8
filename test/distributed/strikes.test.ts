/** What fails of a session fails of what struck that session, and each fault is told of once. */
import { expect, test } from "vitest";
import { Strikes } from "../../src/distributed/strikes.js";

test("the end of a process comes of all that struck it, and of nothing that struck another", () => {
  const strikes = new Strikes();
  strikes.add(1, 10, "process");
  strikes.add(2, 11, "process");
  strikes.add(1, 12, "device");
  expect(strikes.take(1, "process")).toEqual([10, 12]);
  expect(strikes.take(1, "process")).toEqual([]);
  expect(strikes.take(3, "process")).toEqual([]);
  expect(strikes.take(2, "process")).toEqual([11]);
});

test("an actor in a process that lives on fails of its device", () => {
  const strikes = new Strikes();
  strikes.add(1, 10, "process");
  strikes.add(1, 11, "device");
  expect(strikes.take(1, "device")).toEqual([11]);
  expect(strikes.take(1, "process")).toEqual([10]);
});
