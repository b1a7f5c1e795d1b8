import { describe, expect, it } from "vitest";
import { measure } from "../../src/benchmark/measure.js";
import type { Device, Executable } from "../../src/device/device.js";
import { openReferenceDevice } from "../../src/device/reference/reference-device.js";
import { ProgramBuilder } from "../../src/program/program.js";
import type { Clock } from "../../src/world/world.js";

/** A device on which the n-th run takes `milliseconds(n)`, with a list of its runs. */
async function timed(milliseconds: (run: number) => number) {
  const device: Device = openReferenceDevice();
  const builder = new ProgramBuilder("nothing much");
  const program = builder.fill({ value: 1, out: builder.buffer("out", "f32", [1]) }).build();
  const executable = await device.compile(program);
  let [now, runs] = [0, 0];
  const asked: number[] = [];
  const clock: Clock = { now: () => now, date: () => new Date(now) };
  const counted: Executable = {
    ...executable,
    run(times = 1) {
      asked.push(times);
      for (let i = 0; i < times; i++) now += milliseconds(runs++);
    },
  };
  return { timing: await measure(device, counted, clock), asked };
}

describe("a measurement", () => {
  it("repeats what is short until a clock can tell, and takes the median of seven", async () => {
    const { timing, asked } = await timed(() => 4);
    expect(asked).toEqual([1, 1, ...Array(7).fill(15)]);
    expect(timing).toEqual({ medianMs: 4, fastestMs: 4, slowestMs: 4 });
  });

  it("does not count the first run, which may compile", async () => {
    expect((await timed((run) => (run === 0 ? 5000 : 70))).timing.slowestMs).toBe(70);
  });

  it("takes three samples of what is long", async () => {
    const { timing, asked } = await timed((run) => 1000 + run);
    expect(asked).toEqual([1, 1, 1, 1, 1]);
    expect(timing).toEqual({ medianMs: 1003, fastestMs: 1002, slowestMs: 1004 });
  });

  it("does not run again what takes longer than that", async () => {
    const { timing, asked } = await timed((run) => 20_000 + run);
    expect(asked).toEqual([1, 1]);
    expect(timing).toEqual({ medianMs: 20_001, fastestMs: 20_001, slowestMs: 20_001 });
  });
});
