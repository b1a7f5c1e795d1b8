/**
 * The fabric of a run: how its nodes start, how messages reach them, and where vectors are. The protocol does not depend
 * on what a fabric is made of: processes of one machine with pipes and shared memory, or a simulated world.
 */
import type { Barrier } from "../collective/barrier.js";
import type { Collective } from "../collective/collective.js";
import type { StreamCollective } from "../collective/stream-collective.js";
import type { Device } from "../device/device.js";
import type { TensorStore } from "../tensors/tensor-store.js";
import type { Host } from "../transport/host.js";
import type { Transport } from "../transport/transport.js";

/** The fabric as the main node has it. */
export interface Fabric {
  /** Starts nodes. */
  readonly host: Host;
  /** Carries the messages of the main node. */
  readonly transport: Transport;
  readonly tensors: TensorStore;
}

/** The fabric as a node has it that computes vectors or combines them. */
export interface VectorFabric<G = Device> {
  readonly tensors: TensorStore;
  readonly collective: Collective;
  /** Where workers under a lease meet. */
  readonly barrier: Barrier;
  /** Collective on the stream of what a worker computes on. Default: there is none. */
  streamCollectiveOf?(group: G): Promise<StreamCollective | undefined>;
}
