/** A coordinator that takes over from another: the state that a worker reports may be outdated by then. */
import { expect, test } from "vitest";
import { ActorSystem } from "../../../src/actor/system.js";
import { coordinator } from "../../../src/cluster/coordinator/coordinator.js";
import type { Takeover, ToJournal } from "../../../src/cluster/journal/journal-protocol.js";
import type { Snapshot, ToCoordinator, ToWorker } from "../../../src/cluster/protocol.js";
import { PortableCollective } from "../../../src/collective/portable-collective.js";
import { ORIGIN, TensorStore } from "../../../src/tensors/tensor-store.js";
import { SimulatedWorld } from "../../../src/world/simulated/world.js";
import { BarrierMemory, SimulatedBarrier } from "../../simulation/simulated-barrier.js";
import { BATCH, IMAGES, synchronous } from "../../simulation/small-training.js";

const EPOCH = 7;
const GATHER = 100;
const snapshot: Snapshot = { round: 0, owner: ORIGIN, set: 0, digest: "d", scalars: [] };

/** A coordinator with one worker, which reports that it is in `round`. The journal has all rounds before that. */
async function takeOver(round: number, parts: number) {
  const world = new SimulatedWorld(1);
  const system = new ActorSystem({ world, supervision: { intensity: 0 }, onFailure: () => undefined });
  const strategy = synchronous(parts);
  const { vectors, length } = strategy;
  const tensors = new TensorStore({ workers: 1, parts: parts, vectors, length }, (_, bytes) => new ArrayBuffer(bytes));
  const takeover: Takeover = { term: EPOCH, snapshot, pinned: [], committed: round, stopping: false };
  const journal = system.spawn<ToJournal>("journal", () => ({
    receive: (message) => {
      if (message.kind === "takeOver") message.replyTo.tell(takeover);
    },
  }));
  const heard: ToWorker[] = [];
  const worker = system.spawn<ToWorker>("worker", () => ({ receive: (message) => void heard.push(message) }));
  const never = 1000;
  const ref = system.spawn<ToCoordinator>(
    "coordinator",
    coordinator({
      ...{ strategy, tensors, journal, workers: 1, collective: new PortableCollective() },
      barrier: new SimulatedBarrier(new BarrierMemory(), world),
      triggers: {
        ...{ rounds: never, snapshotEvery: never, images: IMAGES, batch: BATCH },
        ...{ evaluateEvery: never, checkpointEvery: never },
      },
      times: { gather: GATHER, remind: 600, grace: 60, step: 10_000 },
    }),
  );
  await world.time.advance(1);
  const state = { round, digest: "d", losses: [], milliseconds: 0, holders: [] };
  const info = { index: 0, incarnation: 1, ref: worker, deviceKind: "any" };
  ref.tell({ kind: "join", info, state });
  await world.time.advance(1);
  return {
    heard,
    async answer(message: ToCoordinator, milliseconds = 1): Promise<void> {
      ref.tell(message);
      await world.time.advance(milliseconds);
    },
  };
}

test("it goes on where the worker is", async () => {
  const { heard } = await takeOver(8, 2);
  const parts = [expect.objectContaining({ part: 0 }), expect.objectContaining({ part: 1 })];
  expect(heard.at(-1)).toMatchObject({ kind: "advance", term: EPOCH, round: 8, parts });
});

test.each([
  { name: "got further", round: 9, parts: 2 },
  { name: "gone back", round: 3, parts: 2 },
  { name: "got further, and was given a lease", round: 9, parts: 1 },
  { name: "gone back, and was given a lease", round: 3, parts: 1 },
])("a worker that has $name is given the snapshot, with which all begin again", async ({ round, parts }) => {
  const { heard, answer } = await takeOver(8, parts);
  expect(heard.at(-1)).toMatchObject({ lease: parts === 1 ? {} : undefined });
  await answer({ kind: "ready", term: EPOCH, worker: 0, round }, 3 * GATHER);
  const term = EPOCH + 1;
  expect(heard.slice(-2)).toMatchObject([
    { kind: "welcome", term },
    { kind: "restore", term, snapshot },
  ]);
  await answer({ kind: "ready", term, worker: 0, round: 0 });
  expect(heard.at(-1)).toMatchObject({ kind: "advance", term, round: 0 });
});
