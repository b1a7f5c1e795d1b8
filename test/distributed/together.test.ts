import { expect, test } from "vitest";
import { Arena } from "../../src/distributed/arena.js";
import type { Collective } from "../../src/distributed/collective.js";
import { PlainCollective } from "../../src/distributed/plain-collective.js";
import type { Rendezvous } from "../../src/distributed/rendezvous.js";
import type { Learner } from "../../src/distributed/strategy.js";
import { Together } from "../../src/distributed/together.js";
import { synchronous } from "../simulation/small-training.js";

const strategy = synchronous(2);
const { vectors, length } = strategy;
const LEASE = { until: 100, milliseconds: 750, holders: [1, 0], meeting: 3 };
const PATIENCE = 1000;

/** A round of worker 0, which has part 1, with another worker that has brought a part full of fours. */
function scene(damage: (others: Float32Array) => void = () => undefined, met = true) {
  const arena = new Arena({ workers: 2, parts: 2, vectors, length }, (_, bytes) => new ArrayBuffer(bytes));
  const plain = new PlainCollective();
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
  } as unknown as Learner;
  const others = arena.slot(arena.alternate(1, 0, 6)).fill(4);
  const closed: number[] = [];
  const rendezvous: Rendezvous = {
    open: () => 0,
    close: (number) => closed.push(number),
    meet: async (meeting, own, { loss, isLast }) => {
      expect(meeting).toEqual({ number: 3, round: 6, worker: 0, holders: [1, 0] });
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
  const together = new Together({ index: 0, strategy, arena, collective, rendezvous });
  return { together, learner, applied, closed };
}

const NOT_DONE = { losses: [], isLast: true };

test("a round adds what all have brought, and is the last if one of them wants it to be", async () => {
  const { together, learner, applied } = scene();
  expect(await together.round(learner, LEASE, false, PATIENCE)).toEqual({ losses: [0.75], isLast: true });
  expect(applied).toEqual([new Float32Array(length).fill(5)]);
});

test("what not all came for is not applied", async () => {
  const { together, learner, applied } = scene(undefined, false);
  expect(await together.round(learner, LEASE, false, PATIENCE)).toEqual(NOT_DONE);
  expect(applied).toEqual([]);
});

test("a part that has been written over since, as for one who stood still, is not applied", async () => {
  const { together, learner, applied } = scene((others) => {
    others[3] = 4.000001;
  });
  expect(await together.round(learner, LEASE, false, PATIENCE)).toEqual(NOT_DONE);
  expect(applied).toEqual([]);
});

test("a part that is not finite is not applied", async () => {
  const { together, learner, applied } = scene();
  const spoiled = { ...learner, round: 6, contribute: async (_: number, out: Float32Array) => out.fill(1 / 0)[0] };
  expect(await together.round(spoiled as unknown as Learner, LEASE, false, PATIENCE)).toEqual(NOT_DONE);
  expect(applied).toEqual([]);
});

test("nobody waits for who leaves, and a lease that is not shared has nobody to wait", () => {
  const { together, closed } = scene();
  together.leave({ ...LEASE, meeting: undefined });
  expect(closed).toEqual([]);
  together.leave(LEASE);
  expect(closed).toEqual([3]);
});
