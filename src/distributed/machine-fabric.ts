/**
 * The fabric of a run on one machine: nodes are processes, messages go through the pipes between them unless the run
 * names another transport, and vectors lie in memory that all nodes share.
 */
import type { Fabric } from "../cluster/fabric.js";
import type { Dataset } from "../data/dataset.js";
import { MAIN } from "../placement/names.js";
import type { Rounds } from "../strategies/rounds/replica.js";
import type { TensorStore } from "../tensors/tensor-store.js";
import type { Host } from "../transport/host.js";
import { ProcessHost } from "../transport/process/host.js";
import type { Transport } from "../transport/transport.js";
import { openTransport } from "../transport/transports.js";
import type { World } from "../world/world.js";
import { overLink } from "./over-link.js";
import { RunMemory } from "./run-memory.js";
import type { RunTask } from "./task.js";

/** A fabric that can be closed; faults cut its links. */
export interface RunFabric extends Fabric {
  readonly host: Host & Pick<ProcessHost, "cut">;
  /** Ends all nodes; resolves when they are gone. */
  close(): Promise<void>;
}

export class MachineFabric implements RunFabric {
  readonly host: ProcessHost;
  readonly transport: Transport;
  readonly #memory: RunMemory;

  /**
   * @throws DawnpourError when the system refuses the memory, UsageError when there is no such transport; then nothing of
   *   the fabric remains
   */
  static async open(world: World, task: RunTask, strategy: Rounds, dataset: Dataset): Promise<MachineFabric> {
    const memory = new RunMemory(task, strategy, dataset);
    try {
      const host = new ProcessHost({ entry: new URL("./process-main.js", import.meta.url), memory: memory.all });
      const link = host.join(MAIN);
      const transport = await openTransport(task.transport, { world, link });
      return new MachineFabric(host, overLink(transport, task.link, world), memory);
    } catch (error) {
      memory.close();
      throw error;
    }
  }

  private constructor(host: ProcessHost, transport: Transport, memory: RunMemory) {
    this.host = host;
    this.transport = transport;
    this.#memory = memory;
  }

  get tensors(): TensorStore {
    return this.#memory.tensors;
  }

  /** Ends all nodes; resolves when they are gone. */
  async close(): Promise<void> {
    this.transport.close();
    await this.host.closeAll();
    this.#memory.close();
  }
}
