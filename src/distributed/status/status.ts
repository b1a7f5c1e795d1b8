/** Status of a run on several workers, as plain data for display. */

export const WORKER_STATES = ["starting", "healing", "working", "idle", "lost", "suspended", "absent"] as const;

/**
 * `starting`: its process or device is not ready; `healing`: it restores the common state; `idle`: it has no part;
 * `lost`: it is gone and may come back; `suspended`: its process is stopped; `absent`: it has not joined, or has left.
 */
export type WorkerState = (typeof WORKER_STATES)[number];

/** A worker at one moment. */
export interface WorkerStatus {
  readonly name: string;
  /** For the user: `CPU, 2 threads`. */
  readonly device: string;
  readonly state: WorkerState;
  /** Parts done, of all steps so far. */
  readonly parts: number;
  /** Over the last second; undefined before there is a figure, and for a worker that is not up. */
  readonly imagesPerSecond: number | undefined;
  readonly restarts: number;
  /** Milliseconds that a part takes it; undefined before that is known. */
  readonly millisecondsPerPart: number | undefined;
}

/** A process of a run at one moment: of a worker, the coordinator, a parameter server or a stage. */
export interface ProcessStatus {
  readonly name: string;
  readonly state: "running" | "ended" | "suspended";
  readonly restarts: number;
}

/** A run on workers at one moment. */
export interface ClusterStatus {
  /** Steps committed, and steps of the whole run. */
  readonly step: number;
  readonly steps: number;
  readonly epoch: number;
  /** Loss of the latest steps. */
  readonly loss?: number;
  /** Over the last second; undefined before there is a figure. */
  readonly imagesPerSecond?: number;
  /** Workers that are missing: with fewer than the least, the run waits. Undefined: none. */
  readonly missing?: number;
  /** Restarts of all nodes, the coordinator included. */
  readonly restarts: number;
  /** `kill worker-1` */
  readonly lastFault?: string;
  readonly workers: readonly WorkerStatus[];
  /** Every process that was started, in that order. */
  readonly processes: readonly ProcessStatus[];
}
