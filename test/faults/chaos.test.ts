/** Random faults: their rate, their kinds, and that the same seed gives the same faults. */
import { describe, expect, it } from "vitest";
import { type ChaosOptions, chaosFaults, parseChaos } from "../../src/faults/chaos.js";
import { actionTarget, type Fault } from "../../src/faults/fault.js";
import { Random } from "../../src/world/random.js";

const ALL = parseChaos("mtbf=30s,kinds=kill+hang+lose+flip+spoil+cut+fail+tear+slow,hang=2s");

function take(count: number, options: ChaosOptions, workers = 4, seed = 1): Fault[] {
  const faults = chaosFaults(options, workers, new Random(seed));
  return Array.from({ length: count }, () => faults.next().value as Fault);
}

const times = (faults: readonly Fault[]): number[] =>
  faults.map(({ at }) => (at.by === "time" ? at.milliseconds : Number.NaN));

describe("parseChaos", () => {
  it("reads its settings, with defaults for all but the mean time", () => {
    expect(parseChaos("mtbf=30s")).toEqual({
      mtbf: 30_000,
      kinds: ["kill", "hang", "lose", "flip", "spoil", "cut", "slow"],
      hang: 5000,
    });
    expect(parseChaos(" hang=2s, kinds = kill+hang+kill ,mtbf=1.5m")).toEqual({
      mtbf: 90_000,
      kinds: ["kill", "hang"],
      hang: 2000,
    });
  });

  it.each([
    ["mtfb=30s", 'unknown setting of --chaos "mtfb": did you mean "mtbf"?'],
    ["mtbf=30s,kinds=kil", 'unknown kind of --chaos "kil": did you mean "kill"?'],
    ["mtbf=30s,kinds=", 'unknown kind of --chaos ""'],
    ["mtbf=30", "--chaos: mtbf=30 is not a time above 0: a time is written 500ms"],
    ["mtbf=0s", "--chaos: mtbf=0s is not a time above 0"],
    ["mtbf=1s,hang=soon", "--chaos: hang=soon is not a time above 0"],
    ["mtbf=1s,mtbf=2s", "--chaos: mtbf is there twice: give it once"],
    ["30s", '--chaos: "30s" has no "=": write mtbf=30s'],
    ["kinds=kill", '--chaos "kinds=kill" lacks the mean time between faults: write mtbf=30s'],
  ])("refuses %s", (text, why) => expect(() => parseChaos(text)).toThrow(why));
});

describe("chaosFaults", () => {
  it("come at exponential times of the mean that was asked for", () => {
    const count = 4000;
    const at = times(take(count, ALL));
    const pauses = at.map((time, i) => time - (at[i - 1] ?? 0));
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(0);
    // The mean of 4000 has a standard deviation of 1.6 % of itself; the median of an exponential is ln 2 of its mean.
    expect(at[count - 1] / count / 30_000).toBeCloseTo(1, 1);
    const median = pauses.sort((a, b) => a - b)[count / 2];
    expect(median / 30_000).toBeCloseTo(Math.LN2, 1);
  });

  it("are of all kinds that were asked for, and strike every node", () => {
    const faults = take(2000, ALL);
    expect(new Set(faults.map(({ kind }) => kind))).toEqual(new Set(ALL.kinds));
    const workers = ["worker-0", "worker-1", "worker-2", "worker-3"];
    const targets = (kind: string) => new Set(faults.filter((fault) => fault.kind === kind).map(actionTarget));
    expect(targets("kill")).toEqual(new Set([...workers, "coordinator"]));
    expect(targets("hang")).toEqual(targets("kill"));
    expect(targets("cut")).toEqual(new Set(workers));
    expect(targets("flip")).toEqual(new Set(workers));
    expect(targets("lose")).toEqual(new Set(["device-0", "device-1", "device-2", "device-3"]));
    expect(new Set(faults.flatMap((fault) => (fault.kind === "hang" ? fault.milliseconds : [])))).toEqual(
      new Set([2000]),
    );
    expect(new Set(take(200, { ...ALL, kinds: ["flip"] }).map(({ kind }) => kind))).toEqual(new Set(["flip"]));
  });

  it("are the same from the same seed, and others from another", () => {
    expect(take(20, ALL)).toEqual(take(20, ALL));
    expect(take(20, ALL, 4, 2)).not.toEqual(take(20, ALL));
  });

  it("end where timers do", () => {
    const faults = [...chaosFaults({ ...ALL, mtbf: 2 ** 30 }, 4, new Random(3))];
    expect(Math.max(...times(faults))).toBeLessThan(2 ** 31);
  });
});
