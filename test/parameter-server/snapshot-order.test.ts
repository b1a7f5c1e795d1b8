/** The evaluation of a snapshot is asked of one worker after the other. */
import { expect, it } from "vitest";
import type { Ref } from "../../src/actor/ref.js";
import type { ToServedWorker } from "../../src/parameter-server/protocol.js";
import { SnapshotOrder } from "../../src/parameter-server/snapshot-order.js";

const REMIND = 1000;

it("asks another worker at once when the one that was asked is gone, and after some reminders when it does not answer", () => {
  const asked: string[] = [];
  const worker = (name: string) =>
    ({ toString: () => name, tell: () => asked.push(name) }) as unknown as Ref<ToServedWorker>;
  const [a, b, c] = ["a", "b", "c"].map(worker);
  const trigger = { evaluate: true, checkpoint: false, last: false };
  const order = { term: 1, id: 1, round: 4, set: 0 };
  const snapshot = new SnapshotOrder({ servers: [], times: { remind: REMIND } }, order, trigger);
  const advance = (workers: readonly Ref<ToServedWorker>[], now: number) =>
    snapshot.advance(workers, undefined as never, now);
  advance([], 0);
  advance([a, b], 10);
  advance([a, b], 20);
  expect(asked).toEqual(["a"]);
  advance([c, b], 30);
  expect(asked).toEqual(["a", "b"]);
  advance([c, b], 30 + REMIND);
  expect(asked).toEqual(["a", "b"]);
  advance([c, b], 30 + 3 * REMIND);
  expect(asked).toEqual(["a", "b", "c"]);
  snapshot.evaluated(4, { sse: 1, mse: 1 } as never);
  expect(advance([c, b], 5000)).toBe(true);
});
