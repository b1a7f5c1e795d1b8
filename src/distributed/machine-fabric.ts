/**
 * The fabric of a run on one machine: nodes are processes, messages go through the pipes between them, and vectors lie
 * in memory that all of them share.
 */
import type { Fabric } from "../cluster/fabric.js";
import type { Dataset } from "../data/dataset.js";
import { MAIN } from "../placement/names.js";
import type { RoundProgram } from "../strategies/replica.js";
import type { TensorStore } from "../tensors/tensor-store.js";
import { ProcessHost } from "../transport/process/host.js";
import type { Transport } from "../transport/transport.js";
import { RunMemory } from "./run-memory.js";
import type { RunTask } from "./task.js";

export class MachineFabric implements Fabric {
  readonly host: ProcessHost;
  readonly transport: Transport;
  readonly #memory: RunMemory;

  /** @throws DawnpourError when the system refuses the memory; then nothing of it remains */
  constructor(task: RunTask, strategy: RoundProgram, dataset: Dataset) {
    this.#memory = new RunMemory(task, strategy, dataset);
    this.host = new ProcessHost({
      entry: new URL("./process-main.js", import.meta.url),
      memory: this.#memory.all,
    });
    this.transport = this.host.join(MAIN);
  }

  get tensors(): TensorStore {
    return this.#memory.tensors;
  }

  /** Ends all nodes; resolves when they are gone. */
  async close(): Promise<void> {
    await this.host.closeAll();
    this.#memory.close();
  }
}
