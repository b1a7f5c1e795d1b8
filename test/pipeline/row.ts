/** A row of stages, each on a node of its own in this process, and the learner that drives them. */
import { ActorSystem } from "../../src/actor/system.js";
import type { ToJournal } from "../../src/cluster/journal/journal-protocol.js";
import type { Collective } from "../../src/collective/collective.js";
import type { Dataset } from "../../src/data/dataset.js";
import type { Device } from "../../src/device/device.js";
import { startStage } from "../../src/distributed/node-programs.js";
import { pipelineStages } from "../../src/model/stage-cut.js";
import { ActivationBuffers } from "../../src/pipeline/activation-buffers.js";
import { DrivenPipeline, Pipeline } from "../../src/pipeline/driver.js";
import { PipelineMemory } from "../../src/pipeline/memory.js";
import { activationShape, type PipelineOptions } from "../../src/pipeline/options.js";
import type { ToStage } from "../../src/pipeline/protocol.js";
import { Stages } from "../../src/pipeline/stages.js";
import { MAIN, stageName } from "../../src/placement/names.js";
import type { Replica } from "../../src/strategies/rounds/replica.js";
import { TensorStore } from "../../src/tensors/tensor-store.js";
import { MemoryNetwork } from "../../src/transport/memory/network.js";
import { Node } from "../../src/transport/node.js";
import { createSharedMemory } from "../../src/transport/process/shared-memory.js";
import { nodeWorld } from "../../src/world/node/world.js";

const REMIND = 200;
/** These nodes share one thread, and a software GPU may block it for long while it compiles. */
const TIMES = { heartbeat: 200, timeout: 60_000 };

export interface Row {
  /** Makes this process the driver, with a new term. An order without an answer fails after `stepTimeout` milliseconds. */
  attach(term: number, stepTimeout?: number): Promise<Stages>;
  readonly strategy: Pipeline;
  readonly learner: Replica;
  readonly tensors: TensorStore;
  close(): Promise<void>;
}

export async function openRow(
  options: PipelineOptions,
  dataset: Pick<Dataset, "train" | "test">,
  collective: Collective,
  openDevice: (stage: number) => Promise<Device>,
): Promise<Row> {
  const world = nodeWorld();
  const network = new MemoryNetwork(world);
  const activationMemory = createSharedMemory(ActivationBuffers.bytes(activationShape(options)));
  const activations = new ActivationBuffers(activationShape(options), (offset, bytes) =>
    activationMemory.map(offset, bytes),
  );
  const { vectors, length } = new Pipeline(options);
  const shape = { workers: 1, parts: 1, vectors, length };
  const tensorMemory = createSharedMemory(TensorStore.bytes(shape));
  const tensors = new TensorStore(shape, (offset, bytes) => tensorMemory.map(offset, bytes));
  const shared = new PipelineMemory(tensors, activations);
  const strategy = new DrivenPipeline(options, shared);

  const main = new ActorSystem({ world, node: MAIN });
  const mainNode = new Node(main, network.join(MAIN), TIMES);
  main.spawn<ToJournal>("journal", () => ({
    receive(message) {
      if (message.kind === "watch") message.replyTo.tell({ kind: "noted" });
    },
  }));
  const parts = { options, memory: shared, dataset, remind: REMIND };
  const names = pipelineStages(options.model).map(({ name }) => stageName(name));
  const systems = names.map((name, index) => {
    const options = { world, name, incarnation: 1, transport: network.join(name), times: TIMES };
    return startStage(options, { collective }, parts, { index, openDevice: () => openDevice(index) });
  });
  const refs = names.map((name) => mainNode.at<ToStage>(name, "/stage"));
  const attach = (term: number, stepTimeout = 60_000): Promise<Stages> =>
    Stages.attach(
      { refs, term, remind: REMIND, stepTimeout, onSilence: () => undefined },
      new AbortController().signal,
    );
  const stages = await attach(1);
  const learner = await strategy.open(stages, dataset);
  return {
    strategy,
    learner,
    tensors,
    attach,
    async close() {
      learner.destroy();
      stages.destroy();
      await Promise.all([...systems, main].map((system) => system.stop()));
      mainNode.close();
      tensorMemory.close();
      activationMemory.close();
    },
  };
}
