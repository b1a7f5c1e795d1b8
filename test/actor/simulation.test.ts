/** The promises of the actor system hold in thousands of random histories, and each history can be replayed from its seed. */
import { describe, expect, it } from "vitest";
import { SeedError, simulate } from "../../src/world/simulated/simulate.js";
import { SimulatedWorld } from "../../src/world/simulated/world.js";
import { Society } from "./society.js";

async function live(world: SimulatedWorld): Promise<Society> {
  const society = new Society(world);
  await world.time.advance(100);
  society.calm();
  await world.time.advance(100);
  society.expectAllTold();
  void society.system.stop(60);
  await world.time.advance(200);
  society.expectPromisesKept();
  return society;
}

describe("simulated actors", () => {
  it("have no orphans, keep the order of messages, tell each watcher once, and account for each message", async () => {
    await simulate({ seeds: 1000 }, async (world) => {
      await live(world);
    });
  });

  it("do the same for the same seed, event by event, and something else for another seed", async () => {
    const traces = [];
    for (const seed of [5, 5, 6]) {
      traces.push((await live(new SimulatedWorld(seed))).trace);
    }
    expect(traces[0].length).toBeGreaterThan(20);
    expect(traces[1]).toEqual(traces[0]);
    expect(traces[2]).not.toEqual(traces[0]);
  });
});

describe("simulate", () => {
  it("names the seed that fails, which fails alone in the same way", async () => {
    const scenario = async (world: SimulatedWorld) => {
      const order: number[] = [];
      for (let i = 0; i < 3; i++) {
        world.scheduler.schedule(() => order.push(i));
      }
      await world.time.advance(1);
      if (order.join("") === "201") throw new Error("the third came first");
    };
    const failure = await simulate({ seeds: 100 }, scenario).catch((error) => error);
    expect(failure).toBeInstanceOf(SeedError);
    const { seed, message } = failure as SeedError;
    expect(message).toBe(
      `seed ${seed} fails (replay it alone with { first: ${seed}, seeds: 1 }): the third came first`,
    );
    await expect(simulate({ seeds: 1, first: seed }, scenario)).rejects.toThrow(message);
    await expect(simulate({ seeds: seed }, scenario)).resolves.toBeUndefined();
  });
});
