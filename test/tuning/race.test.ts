import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Contestant, race } from "../../src/tuning/race.js";

const HEATS = 2;
const ROUNDS = 9;

/** A contestant that takes `time` in each timing, and three times as long in those of `outliers`. It logs its timings. */
function contestant(name: string, time: number, outliers: readonly number[] = [], log: string[] = []): Contestant {
  let timings = 0;
  return {
    name,
    async time() {
      log.push(name);
      return outliers.includes(timings++) ? 3 * time : time;
    },
  };
}

const never = () => false;

/** The disturbed timings: one of the two of a heat, and at most two of the nine of the final. */
const outliers = fc
  .tuple(
    fc.integer({ min: 0, max: HEATS - 1 }),
    fc.uniqueArray(fc.integer({ min: HEATS, max: HEATS + ROUNDS - 1 }), { maxLength: 2 }),
  )
  .map(([heat, rounds]) => [heat, ...rounds]);

describe("race", () => {
  it("finds the fastest whichever timings are off by a factor of three", async () => {
    const times = fc.tuple(fc.double({ min: 0.1, max: 0.9, noNaN: true }), outliers, outliers, outliers);
    await fc.assert(
      fc.asyncProperty(times, async ([share, first, second, third]) => {
        const contestants = [
          contestant("default", 1, first),
          contestant("fast", share, second),
          contestant("slow", 1.2, third),
        ];
        const { winner, medians } = await race(contestants, { seeded: ["default"], timeIsUp: never });
        expect(winner).toBe("fast");
        expect(medians.get("fast")).toBe(share);
      }),
    );
  });

  it("keeps the holder unless it is clearly beaten", async () => {
    const contestants = [contestant("default", 1), contestant("holder", 1.01), contestant("other", 0.99)];
    const rules = { seeded: ["holder", "default"], timeIsUp: never };
    expect((await race(contestants, rules)).winner).toBe("holder");
  });

  it("does not let a few lucky rounds decide", async () => {
    let timings = 0;
    const moody = { name: "moody", time: async () => (timings++ % 2 === 0 ? 0.5 : 1.1) };
    const { winner } = await race([contestant("default", 1), moody], { seeded: ["default"], timeIsUp: never });
    expect(winner).toBe("default");
  });

  it("takes turns, and sends no slow kernel to the final unless it is seeded", async () => {
    const log: string[] = [];
    const contestants = [
      contestant("default", 4, [], log),
      contestant("a", 1, [], log),
      contestant("b", 1.4, [], log),
      contestant("hopeless", 2, [], log),
    ];
    const { medians } = await race(contestants, { seeded: ["default"], timeIsUp: never });
    const heat = ["default", "a", "b", "hopeless"];
    const round = ["default", "a", "b"];
    expect(log).toEqual([...heat, ...heat, ...Array.from({ length: ROUNDS }, () => round).flat()]);
    expect([...medians.keys()]).toEqual(round);
  });

  it.each([0, 1, 3, 5, 8])("ends with the holder when time is up after %i timings", async (most) => {
    const log: string[] = [];
    const contestants = [contestant("default", 1, [], log), contestant("fast", 0.5, [], log)];
    const { winner, medians } = await race(contestants, { seeded: ["default"], timeIsUp: () => log.length >= most });
    expect([winner, medians.size, log.length]).toEqual(["default", 0, most]);
  });

  it("decides by the rounds there were time for, if they are enough", async () => {
    const log: string[] = [];
    const contestants = [contestant("default", 1, [], log), contestant("fast", 0.5, [], log)];
    const { winner } = await race(contestants, { seeded: ["default"], timeIsUp: () => log.length >= 11 });
    expect(winner).toBe("fast");
  });
});
