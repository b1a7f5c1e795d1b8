/** A whole pipeline in a simulated world: head, stages, coordinator, each on a node of its own. */

import type { Snapshot } from "../../src/cluster/protocol.js";
import { RunSupervisor } from "../../src/cluster/supervision/run-supervisor.js";
import { digestOf } from "../../src/collective/digest.js";
import { PortableCollective } from "../../src/collective/portable-collective.js";
import { startCoordinator, startDriver, startStage } from "../../src/distributed/node-programs.js";
import { pipelineStages } from "../../src/model/stage-cut.js";
import { ActivationBuffers } from "../../src/pipeline/activation-buffers.js";
import { Pipeline } from "../../src/pipeline/driver.js";
import { PipelineMemory } from "../../src/pipeline/memory.js";
import { activationShape } from "../../src/pipeline/options.js";
import { COORDINATOR, stageName } from "../../src/placement/names.js";
import { GradientRounds } from "../../src/strategies/rounds/gradient-rounds.js";
import type { ReplicaVectors } from "../../src/strategies/rounds/replica.js";
import { ORIGIN, TensorStore } from "../../src/tensors/tensor-store.js";
import { type LinkFaults, MemoryNetwork } from "../../src/transport/memory/network.js";
import { Random } from "../../src/world/random.js";
import type { SimulatedWorld } from "../../src/world/simulated/world.js";
import { openRoundedDevice } from "../support/rounded-device.js";
import { BarrierMemory, SimulatedBarrier } from "./simulated-barrier.js";
import { type Boot, SimulatedHost } from "./simulated-host.js";
import { TIMES, TRIGGERS } from "./simulated-run.js";
import { config, dataset, model, ROUNDS } from "./small-training.js";
import { Told } from "./told.js";

const REMIND = 150;

/** A small model, trained in a number of micro-batches. */
export function pipelineOptions(microBatches: number) {
  return { model, config: { ...config, parts: microBatches }, steps: ROUNDS };
}

/** The nodes of the stages. */
export const STAGES = pipelineStages(pipelineOptions(1).model).map(({ name }) => stageName(name));

export interface PipelineRun {
  readonly told: Told;
  readonly cluster: RunSupervisor;
  readonly host: SimulatedHost;
  readonly network: MemoryNetwork;
  /** Runs until the run has ended. Throws if that takes longer than `limit` milliseconds of virtual time. */
  finish(limit?: number): Promise<{ readonly snapshot: Snapshot; readonly state: ReplicaVectors }>;
  /** From now on the device of a stage does not answer, but its node lives. */
  hangDevice(node: string): void;
}

export async function pipelineRun(
  world: SimulatedWorld,
  microBatches: number,
  faults: Partial<LinkFaults>,
): Promise<PipelineRun> {
  const options = pipelineOptions(microBatches);
  const activations = new ActivationBuffers(activationShape(options), (_, bytes) => new ArrayBuffer(bytes));
  const { vectors, length } = new GradientRounds(options);
  const shape = { workers: 1, parts: 1, vectors, length };
  const tensors = new TensorStore(shape, (_, bytes) => new ArrayBuffer(bytes));
  const memory = new PipelineMemory(tensors, activations);
  const strategy = new Pipeline(options);
  const collective = new PortableCollective();
  const random = new Random(world.seed, 77);
  const network = new MemoryNetwork(world, world.seed, { delay: [0, 2], ...faults });
  const barrier = new SimulatedBarrier(new BarrierMemory(), world);
  const parts = { strategy, tensors, barrier, collective };
  const pipeline = { options, memory, dataset, remind: REMIND };
  const hanging = new Set<string>();
  const boot: Boot = async ({ name, incarnation }, node, transport) => {
    const options = { world: node, name, incarnation, transport, times: TIMES };
    const slow = new Random(world.seed, incarnation);
    const pause = (): Promise<void> =>
      new Promise((resolve) => {
        if (!hanging.delete(name)) node.timers.after(slow.between(0, 2), () => resolve());
      });
    const start = () => {
      if (name === COORDINATOR) {
        const times = { gather: 100, remind: REMIND, grace: 60, step: TIMES.stepTimeout };
        return startCoordinator(options, parts, { workers: 1, triggers: TRIGGERS, times });
      }
      if (name === "worker-0")
        return startDriver(options, parts, pipeline, { patience: 3000, stepTimeout: TIMES.stepTimeout });
      const openDevice = async () => openRoundedDevice(pause);
      return startStage(options, parts, pipeline, { index: STAGES.indexOf(name), openDevice });
    };
    await start().ended;
  };
  const host = new SimulatedHost(world, network, boot, () => random.between(1, 40));
  const { vectors: begin, scalars } = strategy.initialState();
  for (const [i, vector] of tensors.vectors(ORIGIN, 0).entries()) vector.set(begin[i]);
  const digest = await digestOf(collective, tensors.vectors(ORIGIN, 0), scalars);
  const told = new Told();
  const cluster = new RunSupervisor({
    world,
    fabric: { host, transport: network.join("main"), tensors },
    times: TIMES,
    workers: 1,
    extras: STAGES,
    task: (name) => name,
    origin: { round: 0, owner: ORIGIN, set: 0, digest, scalars },
    save: async () => "somewhere",
    listener: told,
    seed: world.seed,
  });
  return {
    told,
    cluster,
    host,
    network,
    hangDevice: (node) => hanging.add(node),
    async finish(limit = 120_000) {
      const until = world.clock.now() + limit;
      while (!told.end && world.clock.now() < until) await world.time.advance(50);
      if (!told.end) throw new Error(`no end after ${limit} ms: at round ${told.progress}`);
      const closed = cluster.close();
      await world.time.advance(20_000);
      await closed;
      if ("error" in told.end) throw told.end.error;
      const { snapshot } = told.end;
      const state = tensors.vectors(snapshot.owner, snapshot.set).map((vector) => vector.slice());
      return { snapshot, state: { vectors: state, scalars: snapshot.scalars } };
    },
  };
}

/** The state that the run must end with, computed by one device with the same micro-batches, without actors. */
export async function onOneDevice(microBatches: number): Promise<ReplicaVectors> {
  const options = pipelineOptions(microBatches);
  const strategy = new GradientRounds(options);
  const device = openRoundedDevice();
  const learner = await strategy.open(device, dataset);
  learner.restore(0, strategy.initialState());
  const vector = (): Float32Array => new Float32Array(strategy.length);
  for (let round = 0; round < ROUNDS; round++) {
    const parts = Array.from({ length: microBatches }, vector);
    for (const [part, out] of parts.entries()) await learner.contribute(part, out);
    const sum = vector();
    await strategy.combine(new PortableCollective(), parts, sum);
    await learner.apply(sum);
  }
  const vectors = Array.from({ length: strategy.vectors }, vector);
  const scalars = await learner.save(vectors);
  device.destroy();
  return { vectors, scalars };
}
