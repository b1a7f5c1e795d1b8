/** Options of `runDistributed`. */
import type { AskedChoice } from "../choice.js";
import type { ClusterTimes } from "../cluster/times.js";
import type { ChaosOptions } from "../faults/chaos.js";
import type { Fault } from "../faults/fault.js";
import type { Keys } from "../option-keys.js";
import type { WorkerPlace } from "../placement/placement.js";
import type { RunOptions } from "../training/run-options.js";
import type { RunWorkers } from "./elastic.js";
import type { Leadership } from "./machines/leadership.js";
import type { ClusterStatus } from "./status/status.js";

/**
 * Makes a fault strike at once: `strike("kill worker-1")`. It is recorded as any other fault.
 * @throws UsageError for other words, or a fault that this run does not know
 */
export type StrikeNow = (fault: string) => void;

/** The configuration, the data and the workers of a run. */
export interface DistributedOptions
  extends Pick<
    RunOptions,
    | "world"
    | "dataset"
    | "config"
    | "out"
    | "initial"
    | "resume"
    | "otherData"
    | "signal"
    | "observer"
    | "place"
    | "askFolder"
  > {
  /** One for each worker; the stages of a pipeline share them. */
  readonly places: readonly WorkerPlace[];
  /**
   * The fewest workers to train with: the run begins with this number, others join it while it goes on, as many as there are places,
   * and any may leave. With fewer than these the run waits. Default: it has a worker at each place.
   */
  readonly least?: number;
  /** Called once the workers are started, for a run that they may join and leave. */
  readonly onWorkers?: (workers: RunWorkers) => unknown;
  /** Train a pipeline: components on devices of their own; the parts are the micro-batches. Default: false. */
  readonly pipeline?: boolean;
  /** Number of parameter servers. Default: 1 for a strategy whose parts each go by themselves, else none. */
  readonly servers?: number;
  /** Whether WebGPU devices use kernels tuned before: see `TrainPlace.tune`. Default: true. */
  readonly tune?: boolean;
  readonly faults?: readonly Fault[];
  readonly chaos?: ChaosOptions;
  /** Called when the workers are started, with a function that causes a fault. */
  readonly onFaults?: (strike: StrikeNow) => unknown;
  readonly times?: Partial<ClusterTimes>;
  /**
   * The link of each machine, `1Gbps,1ms`: messages and vectors take as long as they would over it, from the workers to the
   * coordinator and back. It changes no bit. Default: no delay is added.
   */
  readonly link?: string;
  /** How messages reach the nodes: see `transports`. Default: `host`, the pipes between processes. */
  readonly transport?: AskedChoice;
  /** @internal The machines of the run. Default: this one. */
  readonly machines?: Leadership;
  /** Called several times a second with the state of the workers. */
  readonly onStatus?: (status: ClusterStatus) => unknown;
}

/** For `refuseUnknownKeys`. */
export const DISTRIBUTED_KEYS: Keys<DistributedOptions> = {
  world: true,
  dataset: true,
  config: true,
  out: true,
  initial: true,
  resume: true,
  otherData: true,
  signal: true,
  observer: true,
  place: true,
  places: true,
  least: true,
  onWorkers: true,
  pipeline: true,
  servers: true,
  tune: true,
  askFolder: true,
  faults: true,
  chaos: true,
  onFaults: true,
  times: true,
  transport: true,
  link: true,
  machines: true,
  onStatus: true,
};

/** The inputs of a run, besides its plan. */
export type DistributedDependencies = Omit<
  DistributedOptions,
  "dataset" | "config" | "initial" | "resume" | "otherData"
>;
