/** The rounds that a worker computes under a lease, without messages to the coordinator. */
import { expect, test } from "vitest";
import { LeaseRunner } from "../../../src/cluster/worker/lease-runner.js";
import type { Barrier } from "../../../src/collective/barrier.js";
import { PortableCollective } from "../../../src/collective/portable-collective.js";
import type { Replica } from "../../../src/strategies/rounds/replica.js";
import { TensorStore } from "../../../src/tensors/tensor-store.js";
import type { Clock } from "../../../src/world/world.js";
import { synchronous } from "../../simulation/small-training.js";

const PACE = 10;
const SOLE = { until: 1000, milliseconds: 750, holders: [0] };
const SHARED = { until: 1000, milliseconds: 750, holders: [0, 1], barrier: 3 };

/** A lease runner whose learner needs some time for a round. The other workers of the lease never reach the barrier. */
function setUp() {
  let now = 0;
  const clock: Clock = { now: () => now, date: () => new Date(0) };
  const strategy = synchronous(1);
  const { vectors, length, parts } = strategy;
  const tensors = new TensorStore({ workers: 2, parts, vectors, length }, (_, bytes) => new ArrayBuffer(bytes));
  const goes: number[] = [];
  const closed: number[] = [];
  const patiences: number[] = [];
  let round = 0;
  const learner = {
    get round() {
      return round;
    },
    contribute: async () => 0.5,
    runLeased: async (count: number) => {
      goes.push(count);
      now += PACE * count;
      round += count;
      return Array<number>(count).fill(0.5);
    },
  } as unknown as Replica;
  const barrier: Barrier = {
    open: () => 0,
    close: (number) => closed.push(number),
    meet: async (_meeting, _own, _brings, patience) => {
      patiences.push(patience);
      return undefined;
    },
  };
  const options = { index: 0, strategy, tensors, collective: new PortableCollective(), barrier };
  const runner = new LeaseRunner(options, learner, clock);
  return { runner, goes, closed, patiences };
}

/** Runs the lease to its end. Returns how many rounds each call computed. */
async function use({ runner, goes }: ReturnType<typeof setUp>, lease = SOLE): Promise<number[]> {
  goes.length = 0;
  const held = runner.take(lease);
  while (await runner.goOn(held, false));
  return [...goes];
}

test("the time of a round is measured under the first lease, and used under the next", async () => {
  const set = setUp();
  expect(await use(set)).toEqual([1, 38, 36]);
  expect(await use(set)).toEqual([38, 37]);
});

test("a worker with waiting messages does no more rounds and reports all that it did", async () => {
  const { runner, goes } = setUp();
  const held = runner.take(SOLE);
  expect(await runner.goOn(held, false)).toBe(true);
  expect(await runner.goOn(held, true)).toBe(false);
  expect([goes, held.losses, held.round]).toEqual([[1], [0.5], 1]);
});

test("a round in which others do not arrive is not done, and they get more time in the next", async () => {
  const set = setUp();
  await use(set);
  for (const _ of [1, 2]) expect(await use(set, SHARED)).toEqual([]);
  expect(set.runner.held?.losses).toEqual([]);
  const [first, second] = set.patiences;
  expect([first, second]).toEqual([60, SHARED.milliseconds]);
});

test("at the end of a lease no worker waits for this one, and its rounds are kept until they are dropped", async () => {
  const { runner, closed } = setUp();
  runner.end();
  const held = runner.take(SHARED);
  runner.end();
  expect([held.isOver, runner.held, closed]).toEqual([true, held, [SHARED.barrier]]);
  runner.forget();
  expect(runner.held).toBeUndefined();
});
