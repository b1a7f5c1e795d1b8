/**
 * The fabric of a run on several machines. The coordinator is a process of this machine; workers are processes of others. Frames
 * go through NATS, and vectors through sockets between the machines.
 */
import { randomBytes } from "node:crypto";
import { ActorSystem } from "../../actor/system.js";
import type { Dataset } from "../../data/dataset.js";
import { DawnpourError } from "../../error.js";
import { MAIN, workerIndex } from "../../placement/names.js";
import type { Rounds } from "../../strategies/rounds/replica.js";
import type { TensorStore } from "../../tensors/tensor-store.js";
import type { Host } from "../../transport/host.js";
import { MachineLink } from "../../transport/nats/connection.js";
import { Node } from "../../transport/node.js";
import { ProcessHost } from "../../transport/process/host.js";
import { MappedRanges } from "../../transport/sockets/mapped-ranges.js";
import { SECRET, VectorServer } from "../../transport/sockets/vector-server.js";
import type { Transport } from "../../transport/transport.js";
import type { World } from "../../world/world.js";
import type { RunFabric } from "../machine-fabric.js";
import { RunMemory } from "../run-memory.js";
import type { RunTask } from "../task.js";
import { courier } from "./courier.js";
import { Hub } from "./hub.js";
import type { Leadership } from "./leadership.js";
import { HUB, RUN_MACHINE } from "./protocol.js";

export class NatsFabric implements RunFabric {
  readonly host: Host & Pick<ProcessHost, "cut">;
  readonly transport: Transport;
  readonly #hub: Hub;
  readonly #memory: RunMemory;
  readonly #processes: ProcessHost;
  readonly #link: MachineLink;
  readonly #system: ActorSystem;
  readonly #node: Node;
  readonly #server: VectorServer;
  readonly #leadership: Leadership;

  static async open(
    world: World,
    task: RunTask,
    strategy: Rounds,
    dataset: Dataset,
    leadership: Leadership,
  ): Promise<NatsFabric> {
    const memory = new RunMemory(task, strategy, dataset);
    try {
      const secret = randomBytes(SECRET);
      const ranges = new MappedRanges(memory.all);
      const { credentials } = leadership;
      const admission = credentials && { credentials, admits: () => true };
      const server = await VectorServer.open(secret, ranges, leadership.host, admission);
      const fabric = new NatsFabric(world, task, { memory, ranges, server, leadership });
      const { heartbeat, timeout } = task.times;
      const ready = {
        ...{ times: { heartbeat, timeout }, memory: memory.all.map(({ bytes }) => bytes) },
        vectors: { host: leadership.host, port: server.port, secret: secret.toString("hex") },
      };
      await leadership.publish(ready, (node) => fabric.#hub.machineOf(node));
      return fabric;
    } catch (error) {
      memory.close();
      throw error;
    }
  }

  private constructor(
    world: World,
    { times }: RunTask,
    parts: {
      readonly memory: RunMemory;
      readonly ranges: MappedRanges;
      readonly server: VectorServer;
      readonly leadership: Leadership;
    },
  ) {
    const { memory, ranges, server, leadership } = parts;
    const hub = new Hub(leadership.credentials);
    this.#hub = hub;
    this.#memory = memory;
    this.#server = server;
    this.#leadership = leadership;
    this.#link = new MachineLink({
      ...{ connection: leadership.connection, term: leadership.term, machine: RUN_MACHINE },
      receive: (machine, from, to, frame) => {
        // A machine speaks for itself and for the workers that it was given.
        if (from === `machine-${machine}` || hub.machineOf(from) === machine) this.#processes.deliver(from, to, frame);
      },
      refused: (machine) => leadership.say(`${machine} sent bytes that are no frame; they were dropped`),
    });
    this.#processes = new ProcessHost({
      ...{ entry: new URL("../process-main.js", import.meta.url), memory: memory.all },
      elsewhere: (from, to, frame) => {
        const machine = to.startsWith("machine-") ? to.slice("machine-".length) : hub.machineOf(to);
        if (machine !== undefined) this.#link.send(machine, from, to, frame);
      },
    });
    this.transport = this.#processes.join(MAIN);
    this.#system = new ActorSystem({ world, node: HUB, incarnation: leadership.term });
    this.#node = new Node(
      this.#system,
      this.#processes.join(HUB),
      times && { heartbeat: times.heartbeat, timeout: times.timeout },
    );
    this.#system.spawn(HUB, hub.actor());
    const { name, start } = courier(ranges, (node) => hub.sourceOf(node));
    this.#system.spawn(name, start);
    this.host = {
      start: (spec) => {
        if (workerIndex(spec.name) !== undefined) return hub.start(spec);
        return this.#processes.start({ ...spec, task: { ...(spec.task as object), courier: HUB } });
      },
      cut: () => {
        throw new DawnpourError("a run on several machines cannot cut their connections: leave the fault out");
      },
    };
  }

  get tensors(): TensorStore {
    return this.#memory.tensors;
  }

  async close(): Promise<void> {
    this.transport.close();
    await this.#processes.closeAll();
    await this.#system.stop();
    this.#node.close();
    this.#link.close();
    this.#server.close();
    await this.#leadership.close();
    this.#memory.close();
  }
}
