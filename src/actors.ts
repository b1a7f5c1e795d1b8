/** Supervised actors, `dawnpour/actors`. They have nothing to do with machine learning. */
export { WatchError } from "./actor/actor-context.js";
export type { Behavior, Context, Start, Terminated } from "./actor/behavior.js";
export type { Failure } from "./actor/failure.js";
export { type Job, JobError, type Outcome, type PoolOptions, pool, runJob, type ToPool } from "./actor/pool.js";
export { type Address, ASK_TIMEOUT, AskError, type DeadLetter, type Ending, Ref } from "./actor/ref.js";
export type { Stream } from "./actor/stream.js";
export {
  type Backoff,
  type ChildOptions,
  type ChildSpec,
  EscalationError,
  type Restart,
  type Strategy,
  type Supervision,
  supervisor,
} from "./actor/supervision.js";
export { ActorSystem, type LifecycleEvent, type SystemOptions } from "./actor/system.js";
export type { Exit, Host, HostedNode, NodeSpec } from "./transport/host.js";
export { type LinkFaults, MemoryNetwork, NO_FAULTS } from "./transport/memory/network.js";
export { Node, type NodeOptions } from "./transport/node.js";
export { type Joined, joinParent } from "./transport/process/child.js";
export type { InheritedMemory } from "./transport/process/entry.js";
export { ProcessHost, type ProcessHostOptions } from "./transport/process/host.js";
export { createSharedMemory, openSharedMemory, type SharedMemory } from "./transport/process/shared-memory.js";
export type { Transport } from "./transport/transport.js";
export { nodeWorld } from "./world/node/world.js";
export type { SimulatedDisk } from "./world/simulated/disk.js";
export type { SimulatedNetwork } from "./world/simulated/network.js";
export type { SimulatedScheduler } from "./world/simulated/scheduler.js";
export { SeedError, type Simulation, simulate } from "./world/simulated/simulate.js";
export type { SimulatedTime } from "./world/simulated/time.js";
export { SimulatedWorld } from "./world/simulated/world.js";
export type {
  Clock,
  Disk,
  Download,
  FileStatus,
  Network,
  Scheduler,
  Secrets,
  Server,
  Timers,
  World,
} from "./world/world.js";
