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

/** The part of the fabric that the main node uses. */
export interface Fabric {
  /** Starts nodes. */
  readonly host: Host;
  /** Carries the messages of the main node. */
  readonly transport: Transport;
  readonly tensors: TensorStore;
}

/** The part of the fabric that is used by a node which computes or combines vectors. */
export interface VectorFabric<G = Device> {
  readonly tensors: TensorStore;
  readonly collective: Collective;
  /** Workers under a shared lease pass it in each round. */
  readonly barrier: Barrier;
  /** The collective on the stream of a worker's devices, if they have one. Default: they have none. */
  streamCollectiveOf?(group: G): Promise<StreamCollective | undefined>;
}
