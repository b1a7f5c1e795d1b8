import { describe, expect, it } from "vitest";
import { DEFAULT_TIMES, resolveTimes } from "../../src/cluster/times.js";

describe("resolveTimes", () => {
  it("fills in what was not given, or given as undefined", () => {
    expect(resolveTimes()).toEqual(DEFAULT_TIMES);
    const given = { heartbeat: 100, timeout: undefined, patience: 30_000 };
    expect(resolveTimes(given)).toEqual({ ...DEFAULT_TIMES, heartbeat: 100, patience: 30_000 });
  });

  it.each([
    [{ heartbeat: 5 }, "heartbeat 5ms: at least 10ms"],
    [{ heartbeat: Number.NaN }, "heartbeat"],
    [
      { heartbeat: 200, timeout: 599 },
      "timeout 599ms with heartbeat 200ms: the timeout must be at least three heartbeats",
    ],
    [
      { timeout: 1500, stepTimeout: 1000 },
      "step timeout 1s with timeout 1.5s: a step must be allowed at least the timeout",
    ],
    [
      { timeout: 1500, restartPause: 3000, patience: 4499 },
      "patience 4.499s with timeout 1.5s and restart pause 3s: it must be at least their sum",
    ],
  ])("refuses %j", (given, message) => {
    expect(() => resolveTimes(given)).toThrow(message);
  });

  it("takes each at its limit", () => {
    const limits = { heartbeat: 10, timeout: 30, stepTimeout: 30, restartPause: 0, patience: 30 };
    expect(resolveTimes(limits)).toEqual(limits);
  });
});
