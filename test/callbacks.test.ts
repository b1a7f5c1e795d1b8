import { expect, it } from "vitest";
import { Callbacks } from "../src/callbacks.js";

const fail = (message: string): never => {
  throw new Error(message);
};

it("hands on what it is called with", async () => {
  const seen: unknown[] = [];
  const callbacks = new Callbacks();
  const tell = callbacks.guarded((a: number, b: string) => seen.push([a, b]));
  tell(1, "one");
  tell(2, "two");
  callbacks.guarded(undefined)();
  await callbacks.settled();
  expect(seen).toEqual([
    [1, "one"],
    [2, "two"],
  ]);
});

it.each<[string, () => unknown]>([
  ["throws", () => fail("first")],
  ["rejects", async () => fail("first")],
  ["rejects later", () => new Promise((_, reject) => setTimeout(() => reject(new Error("first"))))],
])("keeps the first failure of a callback that %s, and calls none after it", async (_, callback) => {
  const told: unknown[] = [];
  let calls = 0;
  const callbacks = new Callbacks((error) => told.push(error));
  callbacks.guarded(callback)();
  await expect(callbacks.settled()).rejects.toThrow("first");
  callbacks.guarded(() => {
    calls++;
    fail("second");
  })();
  expect(() => callbacks.check()).toThrow("first");
  expect(told).toEqual([new Error("first")]);
  expect(calls).toBe(0);
});
