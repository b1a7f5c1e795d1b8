/** How a run on several workers stands, as plain data: for whoever shows it. */

export const WORKER_STATES = ["starting", "healing", "working", "idle", "lost", "suspended"] as const;

/**
 * `starting`: its process or device is not ready; `healing`: it fetches the state that the others have; `idle`: it has
 * no shard; `lost`: it is gone, and comes again perhaps; `suspended`: it stands still.
 */
export type WorkerState = (typeof WORKER_STATES)[number];

export interface WorkerStatus {
  readonly name: string;
  /** For people: `CPU, 2 threads`. */
  readonly device: string;
  readonly state: WorkerState;
  /** Shards done, of all steps so far. */
  readonly shards: number;
  /** Lately; undefined before there is a figure, and of a worker that is not up. */
  readonly imagesPerSecond: number | undefined;
  readonly restarts: number;
}

export interface ClusterStatus {
  /** Steps committed, and to be. */
  readonly step: number;
  readonly steps: number;
  readonly epoch: number;
  /** Of the latest steps. */
  readonly loss?: number;
  /** Lately; undefined before there is a figure. */
  readonly imagesPerSecond?: number;
  /** Of all nodes, the coordinator among them. */
  readonly restarts: number;
  /** `kill worker-1` */
  readonly lastFault?: string;
  readonly workers: readonly WorkerStatus[];
}
