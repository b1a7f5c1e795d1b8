import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SimulatedTime } from "../../../src/world/simulated/time.js";

describe("virtual time", () => {
  it("stands still until it is moved", async () => {
    const time = new SimulatedTime();
    const start = time.date().getTime();
    await time.advance(1500);
    expect(time.now()).toBe(1500);
    expect(time.date().getTime() - start).toBe(1500);
  });

  it("runs timers by due time, equal ones in the order they were set", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 20 })), async (delays) => {
        const time = new SimulatedTime();
        const ran: { delay: number; index: number; at: number }[] = [];
        for (const [index, delay] of delays.entries()) {
          time.after(delay, () => ran.push({ delay, index, at: time.now() }));
        }
        await time.advance(20);
        const expected = delays
          .map((delay, index) => ({ delay, index, at: delay }))
          .sort((a, b) => a.delay - b.delay || a.index - b.index);
        expect(ran).toEqual(expected);
        expect(time.pending).toBe(0);
      }),
    );
  });

  it("finishes what a timer set off before the next one, and runs those set on the way", async () => {
    const time = new SimulatedTime();
    const events: string[] = [];
    time.after(1, async () => {
      for (let i = 0; i < 5; i++) {
        await Promise.resolve();
      }
      events.push(`continued at ${time.now()}`);
      time.after(1, () => events.push(`set on the way, at ${time.now()}`));
    });
    time.after(2, () => events.push(`second at ${time.now()}`));
    await time.advance(10);
    expect(events).toEqual(["continued at 1", "second at 2", "set on the way, at 2"]);
  });

  it("leaves timers beyond the end, and cancelled ones, alone", async () => {
    const time = new SimulatedTime();
    const events: string[] = [];
    time.after(5, () => events.push("late"));
    const cancel = time.after(1, () => events.push("cancelled"));
    cancel();
    await time.advance(4);
    expect(events).toEqual([]);
    expect(time.pending).toBe(1);
    await time.advance(1);
    expect(events).toEqual(["late"]);
  });
});
