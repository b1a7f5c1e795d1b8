import { expect, test } from "vitest";
import { SharedAllReduce } from "../../../src/cluster/worker/shared-all-reduce.js";
import type { Barrier } from "../../../src/collective/barrier.js";
import type { Collective } from "../../../src/collective/collective.js";
import { PortableCollective } from "../../../src/collective/portable-collective.js";
import type { StreamCollective } from "../../../src/collective/stream-collective.js";
import type { DeviceBuffer } from "../../../src/device/device.js";
import type { Replica } from "../../../src/strategies/rounds/replica.js";
import { TensorStore } from "../../../src/tensors/tensor-store.js";
import { synchronous } from "../../simulation/small-training.js";

const strategy = synchronous(2);
const { vectors, length } = strategy;
const LEASE = { until: 100, milliseconds: 750, holders: [1, 0], barrier: 3 };
const PATIENCE = 1000;

/** A round of worker 0, which has part 1. The other worker has already written its part, in which every number is 4. */
function scene(damage: (others: Float32Array) => void = () => undefined, met = true) {
  const tensors = new TensorStore({ workers: 2, parts: 2, vectors, length }, (_, bytes) => new ArrayBuffer(bytes));
  const plain = new PortableCollective();
  const applied: Float32Array[] = [];
  const learner = {
    round: 6,
    contribute: async (part: number, out: Float32Array) => {
      out.fill(part);
      return 0.25;
    },
    apply: async (sum: Float32Array) => {
      applied.push(sum.slice());
    },
  } as unknown as Replica;
  const others = tensors.slot(tensors.alternate(1, 0, 6)).fill(4);
  const closed: number[] = [];
  const barrier: Barrier = {
    open: () => 0,
    close: (number) => closed.push(number),
    meet: async (point, own, { loss, isLast }) => {
      expect(point).toEqual({ number: 3, round: 6, worker: 0, holders: [1, 0] });
      const [theirs, ours] = await Promise.all([plain.inspect(others), plain.inspect(own)]);
      const brought = [
        { loss: 0.5, checksum: theirs.checksum, isLast: true },
        { loss, checksum: ours.checksum, isLast },
      ];
      return met ? brought : undefined;
    },
  };
  const collective: Collective = {
    inspect: (vector) => plain.inspect(vector),
    sum: (parts, out) => {
      damage(others);
      return plain.sum(parts, out);
    },
  };
  const options = { index: 0, strategy, tensors, collective, barrier };
  return { options, together: new SharedAllReduce(options), learner, applied, closed };
}

/** The same with a device that works in order: calls are enqueued, and run when the test lets the queue go. */
function ordered(met = true) {
  const set = scene(undefined, met);
  const told: string[] = [];
  let go = (): void => undefined;
  let order = new Promise<void>((resolve) => {
    go = resolve;
  });
  const next = <T>(what: string, work: () => T | Promise<T>): Promise<T> => {
    told.push(what);
    const done = order.then(work);
    order = done.then(() => undefined);
    return done;
  };
  const loss = new Float32Array(1);
  const learner: Replica = {
    ...set.learner,
    round: 6,
    contribute: () => {
      throw new Error("it is to be enqueued");
    },
    enqueue: async (part: number, out: Float32Array) => {
      next("part", async () => {
        loss[0] = await set.learner.contribute(part, out);
      });
      return loss as unknown as DeviceBuffer<"f32">;
    },
  };
  const { options } = set;
  const deviceOrder: StreamCollective = {
    collective: {
      inspect: (vector) => next("inspect", () => options.collective.inspect(vector)),
      sum: (parts, out) => next("sum", () => options.collective.sum(parts, out)),
    },
    meet: (point, own, { isLast }, patience) =>
      next("meet", () => options.barrier.meet(point, own, { loss: loss[0], isLast }, patience)),
  };
  return { ...set, learner, told, go, together: new SharedAllReduce({ ...options, stream: deviceOrder }) };
}

const NOT_DONE = { losses: [], isLast: true };

test("a round adds the contributions of all, and is the last if one worker asks for that", async () => {
  const { together, learner, applied } = scene();
  expect(await together.round(learner, LEASE, false, PATIENCE)).toEqual({ losses: [0.75], isLast: true });
  expect(applied).toEqual([new Float32Array(length).fill(5)]);
});

test("a round in which not all arrived is not applied", async () => {
  const { together, learner, applied } = scene(undefined, false);
  expect(await together.round(learner, LEASE, false, PATIENCE)).toEqual(NOT_DONE);
  expect(applied).toEqual([]);
});

test("on the stream of a device a round is enqueued before any of it runs, with the same result", async () => {
  const { together, learner, applied, told, go } = ordered();
  const round = together.round(learner, LEASE, false, PATIENCE);
  await new Promise(setImmediate);
  expect([told, applied]).toEqual([["part", "meet", "sum"], []]);
  go();
  expect(await round).toEqual({ losses: [0.75], isLast: true });
  expect(applied).toEqual([new Float32Array(length).fill(5)]);
});

test("on the stream of a device, too, a round in which not all arrived is not applied", async () => {
  const { together, learner, applied, go } = ordered(false);
  go();
  expect(await together.round(learner, LEASE, false, PATIENCE)).toEqual(NOT_DONE);
  expect(applied).toEqual([]);
});

test("a part that was overwritten since, as for a stalled worker, is not applied", async () => {
  const { together, learner, applied } = scene((others) => {
    others[3] = 4.000001;
  });
  expect(await together.round(learner, LEASE, false, PATIENCE)).toEqual(NOT_DONE);
  expect(applied).toEqual([]);
});

test("a part that is not finite is not applied", async () => {
  const { together, learner, applied } = scene();
  const spoiled = { ...learner, round: 6, contribute: async (_: number, out: Float32Array) => out.fill(1 / 0)[0] };
  expect(await together.round(spoiled as unknown as Replica, LEASE, false, PATIENCE)).toEqual(NOT_DONE);
  expect(applied).toEqual([]);
});

test("no worker waits for one that leaves, and a lease of one worker has no waiters", () => {
  const { together, closed } = scene();
  together.leave({ ...LEASE, barrier: undefined });
  expect(closed).toEqual([]);
  together.leave(LEASE);
  expect(closed).toEqual([3]);
});
