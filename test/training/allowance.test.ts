import { expect, it } from "vitest";
import { Allowance } from "../../src/training/allowance.js";
import { SimulatedTime } from "../../src/world/simulated/time.js";

/** Uses a number of milliseconds whenever that is allowed, in a thousand turns of training. */
async function spent(each: number, turn: number): Promise<{ times: number; total: number; share: number }> {
  const clock = new SimulatedTime();
  const allowance = new Allowance(clock);
  let times = 0;
  for (let i = 0; i < 1000; i++) {
    await clock.advance(turn);
    if (!allowance.isLeft) continue;
    times++;
    await allowance.spend(() => clock.advance(each));
  }
  const total = times * each;
  return { times, total, share: total / clock.now() };
}

it("what is short beside training happens every time", async () => {
  expect((await spent(5, 100)).times).toBe(1000);
});

it("what would take most of the time takes little of it", async () => {
  const { total, share, times } = await spent(40, 5);
  expect(times).toBeGreaterThan(10);
  expect(total).toBeLessThan(500 + 0.1 * (5000 + total) + 2 * 40);
  expect(share).toBeLessThan(0.25);
});
