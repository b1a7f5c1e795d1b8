import { setTimeout as pause } from "node:timers/promises";
import fc from "fast-check";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import type { BarrierRound, Contribution, Notice } from "../../src/collective/barrier.js";
import { NativeBarrier } from "../../src/collective/native-barrier.js";
import { PortableCollective } from "../../src/collective/portable-collective.js";
import { type CpuDevice, openCpuDevice } from "../../src/device/cpu/cpu-device.js";
import { createSharedMemory } from "../../src/transport/process/shared-memory.js";

const PARTIES = 4;

const closed: (() => void)[] = [];
afterEach(() => {
  for (const close of closed.splice(0)) close();
});

function open(): NativeBarrier {
  const memory = createSharedMemory(NativeBarrier.bytes(PARTIES));
  closed.push(() => memory.close());
  return new NativeBarrier(memory.buffer);
}

/** A timeout in milliseconds that no test should reach. */
const LONG = 60_000;

const own = (round: number, part: number): Float32Array => Float32Array.of(round, part, -1 / (1 + round + part));
/** A worker's notice. The loss of part 1 is so small that some kernels would treat it as zero. */
const word = (round: number, part: number) => ({
  loss: part === 1 ? 2 ** -140 : round + part / 8,
  isLast: (round + part) % 3 === 0,
});

type Meet = (
  barrier: NativeBarrier,
  point: BarrierRound,
  own: Float32Array,
  word: Notice,
  milliseconds: number,
) => Promise<readonly Contribution[] | undefined>;

/** A worker that waits blocks its device, so each worker has a device of its own. */
const devices: CpuDevice[] = Array.from({ length: PARTIES }, () => openCpuDevice({ threads: 1 }));
afterAll(() => {
  for (const device of devices) device.destroy();
});

const byThreads: Meet = (barrier, point, own, word, milliseconds) => barrier.meet(point, own, word, milliseconds);

/** The loss of the point is not computed yet when the point is enqueued. */
const byDevice: Meet = async (barrier, point, own, { loss, isLast }, milliseconds) => {
  const buffer = devices[point.worker].createBuffer("f32", 1, "loss");
  try {
    buffer.write(Float32Array.of(loss));
    return await barrier.meetInOrder(point, own, { loss: buffer, isLast }, milliseconds);
  } finally {
    buffer.destroy();
  }
};

describe.each([
  { name: "on libuv's threads", meet: byThreads },
  { name: "in the order of a device", meet: byDevice },
])("$name", ({ meet }) => {
  /** One worker arrives at the barrier in one round. */
  function come(barrier: NativeBarrier, number: number, round: number, part: number, parties = 2, time = LONG) {
    const holders = Array.from({ length: parties }, (_, worker) => worker);
    return meet(barrier, { number, round, worker: part, holders }, own(round, part), word(round, part), time);
  }

  test("no worker passes before all have arrived; then all pass, with all contributions, round after round", async () => {
    const barrier = open();
    const number = barrier.open(7);
    for (const round of [7, 8, 9]) {
      const seen: (readonly Contribution[] | undefined)[] = [];
      const others = [1, 2].map(async (part) => {
        seen.push(await come(barrier, number, round, part, 3));
      });
      await pause(5);
      expect(seen).toEqual([]);
      const all = await come(barrier, number, round, 0, 3);
      await Promise.all(others);
      const expected = [0, 1, 2].map(async (part) => {
        const { checksum } = await new PortableCollective().inspect(own(round, part));
        return { ...word(round, part), checksum };
      });
      expect(all).toEqual(await Promise.all(expected));
      expect(seen).toEqual([all, all]);
    }
  });

  test("a worker in another round, or under another number, does not pass", async () => {
    const barrier = open();
    const old = barrier.open(7);
    const number = barrier.open(7);
    expect(await come(barrier, old, 7, 0, 1)).toBeUndefined();
    expect(await come(barrier, number, 6, 0, 1)).toBeUndefined();
    expect(await come(barrier, number, 8, 0, 1)).toBeUndefined();
    expect(await come(barrier, number, 7, 0, 1)).toHaveLength(1);
  });

  test("a waiter is released when the barrier is closed, or opened anew", async () => {
    const barrier = open();
    for (const end of [(number: number) => barrier.close(number), () => barrier.open(0)]) {
      const number = barrier.open(3);
      const waiting = come(barrier, number, 3, 0);
      await pause(5);
      end(number);
      expect(await waiting).toBeUndefined();
      expect(await come(barrier, number, 3, 1)).toBeUndefined();
    }
  });

  test("a waiter that times out closes the barrier", async () => {
    const barrier = open();
    const number = barrier.open(3);
    expect(await come(barrier, number, 3, 0, 2, 10)).toBeUndefined();
    expect(await come(barrier, number, 3, 1)).toBeUndefined();
  });

  test("closing an earlier number does not close the barrier", async () => {
    const barrier = open();
    const old = barrier.open(3);
    const number = barrier.open(3);
    barrier.close(old);
    expect(await come(barrier, number, 3, 0, 1)).toHaveLength(1);
  });

  test("either all pass or none does, whichever process closes the barrier, and whenever", async () => {
    const plans = fc.record({ parties: fc.integer({ min: 2, max: 4 }), seed: fc.nat(1000), until: fc.nat(40) });
    await fc.assert(
      fc.asyncProperty(plans, async ({ parties, seed, until }) => {
        const barrier = open();
        const number = barrier.open(0);
        const go = async (part: number): Promise<number> => {
          let round = 0;
          while (await come(barrier, number, round, part, parties)) {
            round++;
            if ((seed + 7 * part + 3 * round) % 5 === 0) await pause(0);
          }
          return round;
        };
        const reached = Array.from({ length: parties }, (_, part) => go(part));
        for (let turn = 0; turn < until; turn++) await pause(0);
        barrier.close(number);
        expect(new Set(await Promise.all(reached)).size).toBe(1);
      }),
      { numRuns: 40, seed: 1 },
    );
  });
});

test("a device that is destroyed releases its waiter, once the others are told", async () => {
  const barrier = open();
  const number = barrier.open(3);
  const device = openCpuDevice({ threads: 1 });
  const loss = device.createBuffer("f32", 1, "loss");
  const point = { number, round: 3, worker: 0, holders: [0, 1] };
  const waiting = barrier.meetInOrder(point, own(3, 0), { loss, isLast: false }, LONG);
  await pause(5);
  device.destroy();
  barrier.close(number);
  await expect(waiting).rejects.toThrow("was destroyed; open it again to go on");
  const late = barrier.meetInOrder(point, own(3, 0), { loss, isLast: false }, LONG);
  await expect(late).rejects.toThrow("was destroyed; open it again to go on");
});
