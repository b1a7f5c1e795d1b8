/**
 * Training on many devices, `dawnpour/distributed`: a run on workers in processes of their own, and what it is made of. For
 * those who place workers, inject faults or watch by themselves; `train` of `dawnpour` does it all from words.
 */
import { parseChaos as chaos } from "./distributed/chaos.js";
import { parseFaults as faults } from "./distributed/parse-faults.js";
import { runDistributed as runOnWorkers } from "./distributed/run.js";
import { withOptionNames } from "./option-names.js";

export { type Gpu, listGpus } from "./device/gpu.js";
export type { ChaosOptions } from "./distributed/chaos.js";
export type { Collective, Inspection } from "./distributed/collective.js";
export { type Action, type Fault, type FaultKind, faultText, type Moment } from "./distributed/fault.js";
export { NativeCollective } from "./distributed/native-collective.js";
export { type DeviceSpec, parseDevices } from "./distributed/parse-devices.js";
export type { FaultScope } from "./distributed/parse-faults.js";
export { type DevicesPresent, type PlacementRequest, placeWorkers, type WorkerPlace } from "./distributed/placement.js";
export { PlainCollective } from "./distributed/plain-collective.js";
export type { DistributedOptions } from "./distributed/run.js";
export { type ClusterStatus, WORKER_STATES, type WorkerState, type WorkerStatus } from "./distributed/status.js";
export { Synchronous, type SynchronousOptions } from "./distributed/strategies/synchronous.js";
export type { Learner, LearnerState, Strategy } from "./distributed/strategy.js";
export { type ClusterTimes, DEFAULT_TIMES } from "./distributed/times.js";

/** Random faults from words, `mtbf=30s`: see `distributed/chaos.ts`. */
export const parseChaos = withOptionNames(chaos);
/** Faults from words, `kill worker-1 at step 200`: see `distributed/parse-faults.ts`. */
export const parseFaults = withOptionNames(faults);
/** A run on workers: see `distributed/run.ts`. */
export const runDistributed = withOptionNames(runOnWorkers);
