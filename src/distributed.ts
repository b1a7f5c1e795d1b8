/**
 * Training on many devices, `dawnpour/distributed`: a run on workers in processes of their own, and its parts, for
 * programs that place workers, inject faults or show progress themselves. `train` of `dawnpour` does all of it from
 * options.
 */

import { runDistributed as runOnWorkers } from "./distributed/run.js";
import { parseChaos as chaos } from "./faults/chaos.js";
import { parseFaults as faults } from "./faults/parse-faults.js";
import { withOptionNames } from "./option-names.js";

export { type ClusterTimes, DEFAULT_TIMES } from "./cluster/times.js";
export type { Collective, Inspection } from "./collective/collective.js";
export { NativeCollective, type NativeCollectiveOptions } from "./collective/native-collective.js";
export { PortableCollective as PlainCollective } from "./collective/portable-collective.js";
export { type Gpu, listGpus } from "./device/gpu.js";
export type { DistributedOptions } from "./distributed/options.js";
export { type ClusterStatus, WORKER_STATES, type WorkerState, type WorkerStatus } from "./distributed/status.js";
export type { ChaosOptions } from "./faults/chaos.js";
export type { Draw, FaultDefinition, FaultPorts, UserAction, Words } from "./faults/definition.js";
export { type Action, type Fault, type FaultKind, faultKinds, faultText, type Moment } from "./faults/fault.js";
export type { Cut } from "./faults/kinds/cut.js";
export type { Fail } from "./faults/kinds/fail.js";
export type { Flip } from "./faults/kinds/flip.js";
export type { Hang } from "./faults/kinds/hang.js";
export type { Kill } from "./faults/kinds/kill.js";
export type { Lose } from "./faults/kinds/lose.js";
export type { Spoil } from "./faults/kinds/spoil.js";
export type { Tear } from "./faults/kinds/tear.js";
export type { FaultScope } from "./faults/parse-faults.js";
export { type DeviceSpec, parseDevices } from "./placement/parse-devices.js";
export { type DevicesPresent, type PlacementRequest, placeWorkers, type WorkerPlace } from "./placement/placement.js";
export type { Reduction } from "./strategies/reduction.js";
export { strategies } from "./strategies/registry.js";
export type {
  Context,
  PartRows,
  Piece,
  Range,
  StateSpec,
  Strategy,
  StrategyFactory,
  StrategyRun,
} from "./strategies/strategy.js";
export type { RunPlace } from "./training/event.js";
export type { AskFolder } from "./training/last-checkpoint.js";
export type { StrategyChoice, StrategyOptions } from "./training/strategy-choice.js";
export type { Learner, StateVectors, VectorOps } from "./workload/learner.js";

/** Random faults from words, `mtbf=30s`: see `faults/chaos.ts`. */
export const parseChaos = withOptionNames(chaos);
/** Faults from words, `kill worker-1 at step 200`: see `faults/parse-faults.ts`. */
export const parseFaults = withOptionNames(faults);
/** A run on workers: see `distributed/run.ts`. */
export const runDistributed = withOptionNames(runOnWorkers);
