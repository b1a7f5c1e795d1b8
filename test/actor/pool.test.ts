/** A pool does every job that can be done, whichever workers crash, and reports the jobs that failed. */
import { describe, expect, it } from "vitest";
import type { Start } from "../../src/actor/behavior.js";
import { type Job, JobError, pool, runJob } from "../../src/actor/pool.js";
import { AskError } from "../../src/actor/ref.js";
import { Random } from "../../src/world/random.js";
import { simulate } from "../../src/world/simulated/simulate.js";
import type { SimulatedWorld } from "../../src/world/simulated/world.js";
import { receiving, smallSystem } from "./small-system.js";

type Square = Job<number, number>;
const squares: Start<Square> = receiving(({ job, replyTo }) => replyTo.tell(job * job));

describe("a pool", () => {
  it("does jobs side by side, as many as it has workers", async () => {
    const { system, settle, world } = smallSystem();
    const slow: Start<Square> = receiving(async ({ job, replyTo }) => {
      await new Promise<void>((resolve) => world.timers.after(10, resolve));
      replyTo.tell(job * job);
    });
    const ref = system.spawn("pool", pool({ size: 2, worker: slow }));
    const done: number[] = [];
    for (const job of [1, 2, 3, 4]) void runJob(ref, job).then((result) => done.push(result));
    await settle(10);
    expect(done).toEqual([1, 4]);
    await settle(10);
    expect(done).toEqual([1, 4, 9, 16]);
  });

  it("hands the job of a crashed worker to another", async () => {
    const { system, settle } = smallSystem();
    const by: string[] = [];
    const worker: Start<Square> = ({ self }) => ({
      receive({ job, replyTo }) {
        by.push(self.address.path);
        if (self.address.path === "/pool/worker-0") throw new Error("worker-0 is broken");
        replyTo.tell(job * job);
      },
    });
    const ref = system.spawn("pool", pool({ size: 2, worker }));
    const result = runJob(ref, 3);
    await settle();
    expect(await result).toBe(9);
    expect(by).toEqual(["/pool/worker-0", "/pool/worker-1"]);
  });

  it("gives up a job that crashes every worker, says why, and does the others", async () => {
    const { system, settle } = smallSystem();
    const worker: Start<Square> = receiving(({ job, replyTo }) => {
      if (job < 0) throw new RangeError("a negative number");
      replyTo.tell(job * job);
    });
    const ref = system.spawn("pool", pool({ size: 2, worker, tries: 4 }));
    const results = Promise.allSettled([runJob(ref, -1), runJob(ref, 2), runJob(ref, -2)]);
    await settle(5000);
    const [first, second, third] = await results;
    expect(second).toEqual({ status: "fulfilled", value: 4 });
    for (const result of [first, third]) {
      const error = result.status === "rejected" ? result.reason : undefined;
      expect(error).toBeInstanceOf(JobError);
      expect(error.message).toBe("local/pool gave a job up after 4 tries: look at the cause");
      expect(error.cause).toEqual(new RangeError("a negative number"));
    }
  });

  it("that is stopped gives no answer, and the callers learn of its end", async () => {
    const { system, settle } = smallSystem();
    const ref = system.spawn("pool", pool({ size: 1, worker: receiving<Square>(() => undefined) }));
    const results = Promise.allSettled([runJob(ref, 1), runJob(ref, 2)]);
    await settle();
    void system.stop();
    await settle();
    for (const result of await results) {
      expect(result.status === "rejected" && result.reason).toBeInstanceOf(AskError);
    }
  });

  it.each([{ size: 0 }, { size: 1.5 }, { size: 2, tries: 0 }, { size: 1, workers: 2 }])("refuses %j", (options) => {
    expect(() => pool({ worker: squares, ...options })).toThrow(/of a pool/);
  });
});

it("every job of a pool is done exactly as often as it is answered, whatever crashes when", async () => {
  await simulate({ seeds: 300 }, async (world: SimulatedWorld) => {
    const { system } = smallSystem({ world });
    const random = new Random(world.seed, 7);
    const worker: Start<Square> = receiving(async ({ job, replyTo }) => {
      const pause = random.below(20);
      if (pause > 0) await new Promise<void>((resolve) => world.timers.after(pause, resolve));
      if (random.uniform() < 0.4) throw new Error("crashed");
      replyTo.tell(job * job);
    });
    const ref = system.spawn("pool", pool({ size: 1 + random.below(4), worker, tries: 1000 }));
    const jobs = Array.from({ length: 12 }, (_, i) => i);
    const results = Promise.all(jobs.map((job) => runJob(ref, job, 600_000)));
    await world.time.advance(600_000);
    expect(await results).toEqual(jobs.map((job) => job * job));
    expect(world.time.pending).toBe(0);
  });
});
