/** A worker whose coordinator is replaced: the state that it reported to the first one stays true. */
import { expect, test } from "vitest";
import type { Ref } from "../../../src/actor/ref.js";
import { ActorSystem } from "../../../src/actor/system.js";
import type { Snapshot, ToCoordinator, ToWorker } from "../../../src/cluster/protocol.js";
import { worker } from "../../../src/cluster/worker/worker.js";
import { PortableCollective } from "../../../src/collective/portable-collective.js";
import { openReferenceDevice } from "../../../src/device/reference/reference-device.js";
import { ORIGIN, TensorStore } from "../../../src/tensors/tensor-store.js";
import { SimulatedWorld } from "../../../src/world/simulated/world.js";
import { BarrierMemory, SimulatedBarrier } from "../../simulation/simulated-barrier.js";
import { dataset, synchronous } from "../../simulation/small-training.js";

const PARTS = 2;
/** Milliseconds in which a worker looks for its coordinator at least once. */
const LOOK = 150;

class Scene {
  readonly world = new SimulatedWorld(1);
  readonly system = new ActorSystem({ world: this.world, supervision: { intensity: 0 }, onFailure: () => undefined });
  readonly strategy = synchronous(PARTS);
  readonly tensors = new TensorStore(
    { workers: 1, parts: PARTS, vectors: this.strategy.vectors, length: this.strategy.length },
    (_, bytes) => new ArrayBuffer(bytes),
  );
  readonly worker: Ref<ToWorker>;
  #coordinator: Ref<ToCoordinator>;

  constructor() {
    const { strategy, tensors, world } = this;
    this.#coordinator = this.system.at("/nobody");
    const state = strategy.initialState();
    for (const [i, vector] of tensors.vectors(ORIGIN, 0).entries()) vector.set(state.vectors[i]);
    this.worker = this.system.spawn(
      "worker",
      worker({
        ...{ index: 0, strategy, tensors, dataset, patience: 10_000 },
        collective: new PortableCollective(),
        barrier: new SimulatedBarrier(new BarrierMemory(), world),
        openDevice: async () => openReferenceDevice(),
        coordinator: () => this.#coordinator,
      }),
    );
  }

  /** Acts as the coordinator. Returns its ref, the messages that it gets, and a function that ends it. */
  takeOver(name: string) {
    const heard: ToCoordinator[] = [];
    let end = (): void => undefined;
    const ref = this.system.spawn<ToCoordinator>(name, (context) => {
      end = () => context.stop();
      return { receive: (message) => void heard.push(message) };
    });
    this.#coordinator = ref;
    return { ref, heard, end: () => end() };
  }

  async tell(...messages: ToWorker[]): Promise<void> {
    for (const message of messages) this.worker.tell(message);
    await this.world.time.advance(LOOK);
  }

  get origin(): Snapshot {
    return { round: 0, owner: ORIGIN, set: 0, digest: "", scalars: this.strategy.initialState().scalars };
  }
}

const EPOCH = 5;

/** A worker that has state 0 of its first coordinator. */
async function begun() {
  const scene = new Scene();
  const first = scene.takeOver("first");
  await scene.tell();
  const { ref } = first;
  await scene.tell(
    { kind: "welcome", term: EPOCH, coordinator: ref },
    { kind: "restore", term: EPOCH, snapshot: scene.origin },
  );
  expect(first.heard.at(-1)).toEqual({ kind: "ready", term: EPOCH, worker: 0, round: 0 });
  /** An order that takes it to round 1. */
  const onwards: ToWorker = { kind: "advance", term: EPOCH, round: 1, sum: scene.tensors.sum(0), parts: [] };
  return { scene, first, onwards };
}

test("an order of its coordinator takes a worker to the next round", async () => {
  const { scene, first, onwards } = await begun();
  await scene.tell(onwards);
  expect(first.heard.at(-1)).toEqual({ kind: "ready", term: EPOCH, worker: 0, round: 1 });
});

test("an order of a lost coordinator is ignored: the next coordinator knows the round already", async () => {
  const { scene, first, onwards } = await begun();
  first.end();
  const second = scene.takeOver("second");
  await scene.tell();
  expect(second.heard.at(-1)).toMatchObject({ kind: "join", state: { round: 0 } });
  await scene.tell(onwards);
  const term = EPOCH + 1;
  const part = { part: 0, attempt: 0 };
  await scene.tell(
    { kind: "welcome", term, coordinator: second.ref },
    { kind: "advance", term, round: 0, sum: undefined, parts: [part] },
  );
  expect(second.heard.at(-1)).toMatchObject({ kind: "computed", term, round: 0, ...part });
});

test("after the welcome of a coordinator that was unreachable its order counts again", async () => {
  const { scene, first, onwards } = await begun();
  first.end();
  const again = scene.takeOver("again");
  await scene.tell();
  await scene.tell({ kind: "welcome", term: EPOCH, coordinator: again.ref }, onwards);
  expect(again.heard.at(-1)).toEqual({ kind: "ready", term: EPOCH, worker: 0, round: 1 });
});
