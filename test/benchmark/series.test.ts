import { expect, it } from "vitest";
import { measureSeries } from "../../src/benchmark/series.js";
import { DeviceLimitError } from "../../src/device/device.js";

it("gives each outcome as soon as it is there", async () => {
  const begun: number[] = [];
  const series = measureSeries([1, 2], async (test) => begun.push(test));
  expect((await series.next()).value).toEqual({ test: 1, result: 1 });
  expect(begun).toEqual([1]);
  expect((await series.next()).value).toEqual({ test: 2, result: 2 });
  expect((await series.next()).done).toBe(true);
});

it("says why a case is skipped that the device has no room for, and goes on", async () => {
  const outcomes: unknown[] = [];
  const measure = async (size: number): Promise<number> => {
    if (size > 8) throw new DeviceLimitError(`${size} needs more than there is`);
    return 2 * size;
  };
  for await (const outcome of measureSeries([4, 16, 8], measure)) outcomes.push(outcome);
  expect(outcomes).toEqual([
    { test: 4, result: 8 },
    { test: 16, skipped: "16 needs more than there is" },
    { test: 8, result: 16 },
  ]);
});

it("ends with any other failure", async () => {
  const series = measureSeries([1], () => Promise.reject(new Error("the result is wrong")));
  await expect(series.next()).rejects.toThrow("the result is wrong");
});
