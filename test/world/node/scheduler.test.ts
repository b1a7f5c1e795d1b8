/** Every scheduler runs each task once, after the call that schedules it. Each scheduler also has promises of its own. */
import { describe, expect, it } from "vitest";
import { NodeScheduler } from "../../../src/world/node/scheduler.js";
import { SimulatedScheduler } from "../../../src/world/simulated/scheduler.js";
import { SimulatedTime } from "../../../src/world/simulated/time.js";

const turn = () => new Promise((resolve) => setImmediate(resolve));
const simulated = (seed: number) => new SimulatedScheduler(seed, new SimulatedTime());

describe.each([
  ["real", () => new NodeScheduler()],
  ["simulated", () => simulated(1)],
])("a %s scheduler", (_, make) => {
  it("runs every task once, those of tasks too, and none at once", async () => {
    const scheduler = make();
    const ran: number[] = [];
    for (let i = 0; i < 1000; i++) {
      scheduler.schedule(() => {
        ran.push(i);
        scheduler.schedule(() => ran.push(1000 + i));
      });
    }
    expect(ran).toEqual([]);
    while (ran.length < 2000) await turn();
    await turn();
    expect(ran.sort((a, b) => a - b)).toEqual(Array.from({ length: 2000 }, (_, i) => i));
  });
});

describe("the real scheduler", () => {
  it("keeps the order", async () => {
    const scheduler = new NodeScheduler();
    const ran: number[] = [];
    const done = new Promise<void>((resolve) => {
      for (let i = 0; i < 100; i++) scheduler.schedule(() => ran.push(i));
      scheduler.schedule(resolve);
    });
    await done;
    expect(ran).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });

  it("leaves the event loop its turns", async () => {
    const scheduler = new NodeScheduler();
    let stop = false;
    const busy = () => !stop && scheduler.schedule(busy);
    busy();
    await turn();
    await new Promise((resolve) => setTimeout(resolve, 1));
    stop = true;
  });

  it("goes on after a task that throws", async () => {
    const scheduler = new NodeScheduler();
    const ran: string[] = [];
    const caught = new Promise((resolve) => {
      const listeners = process.listeners("uncaughtException");
      process.removeAllListeners("uncaughtException");
      process.once("uncaughtException", (error) => {
        for (const listener of listeners) process.on("uncaughtException", listener);
        resolve(error.message);
      });
    });
    scheduler.schedule(() => {
      throw new Error("a bug");
    });
    scheduler.schedule(() => ran.push("the other"));
    expect(await caught).toBe("a bug");
    await turn();
    expect(ran).toEqual(["the other"]);
  });
});

describe("the simulated scheduler", () => {
  const order = async (seed: number) => {
    const scheduler = simulated(seed);
    const ran: number[] = [];
    for (let i = 0; i < 5; i++) scheduler.schedule(() => ran.push(i));
    await turn();
    return ran.join("");
  };

  it("takes every order, by its seed", async () => {
    const orders = new Set<string>();
    for (let seed = 0; seed < 1500; seed++) orders.add(await order(seed));
    expect(orders.size).toBe(120);
    expect(await order(7)).toBe(await order(7));
  });
});
