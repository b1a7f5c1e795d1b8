/**
 * Training on many devices, `dawnpour/distributed`: a run on workers in processes of their own, and what it is made of. For
 * those who place workers, inject faults or watch by themselves; `train` of `dawnpour` does it all from words.
 */
export { type Gpu, listGpus } from "./device/gpu.js";
export { type ChaosOptions, parseChaos } from "./distributed/chaos.js";
export type { Collective, Inspection } from "./distributed/collective.js";
export { type Action, type Fault, type FaultKind, faultText, type Moment } from "./distributed/fault.js";
export { NativeCollective } from "./distributed/native-collective.js";
export { type DeviceSpec, parseDevices } from "./distributed/parse-devices.js";
export { type FaultScope, parseFaults } from "./distributed/parse-faults.js";
export { type DevicesPresent, type PlacementRequest, placeWorkers, type WorkerPlace } from "./distributed/placement.js";
export { PlainCollective } from "./distributed/plain-collective.js";
export { type DistributedOptions, runDistributed } from "./distributed/run.js";
export { type ClusterStatus, WORKER_STATES, type WorkerState, type WorkerStatus } from "./distributed/status.js";
export { Synchronous, type SynchronousOptions } from "./distributed/strategies/synchronous.js";
export type { Learner, LearnerState, Strategy } from "./distributed/strategy.js";
export { type ClusterTimes, DEFAULT_TIMES } from "./distributed/times.js";
