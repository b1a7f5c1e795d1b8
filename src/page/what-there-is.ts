/** What the page gets from its server, as plain data. */
import type { ClusterStatus } from "../distributed/status/status.js";
import type { RunEvent } from "../training/event.js";

/** A run that the page shows. */
export interface ShownRun {
  /** Its folder. */
  readonly name: string;
  /** `784-1000-30`, and what it is trained on. */
  readonly title: string;
  readonly lead: string;
  /** Training images. */
  readonly images: number;
  /** Its devices, one for each worker or stage. */
  readonly devices: readonly string[];
  readonly kind: "device" | "workers" | "pipeline";
  /** Whether it goes on now. */
  readonly isLive: boolean;
  /** Whether the page may make its nodes fail. */
  readonly canFail: boolean;
}

/** Columns of the table of steps: passes over the images, seconds, loss, images a second, bytes of contributions so far. */
export const STEP_COLUMNS = { epoch: 0, time: 1, loss: 2, pace: 3, bytes: 4, step: 5 } as const;
export const STEP_WIDTH = 6;
/** The first column of the table of workers: seconds. Then come the images a second of each worker. */
export const WORKER_TIME = 0;

/** An event that is no window of steps. `at`: seconds since the run began, over all parts of a resumed run. */
export type LoggedEvent = Exclude<RunEvent, { readonly event: "steps" }> & { readonly at: number };

/** How much there is of a run: what the page lacks of it, it asks for. */
export interface Extent {
  /** Rows of the two tables. */
  readonly steps: number;
  readonly workers: number;
  readonly log: number;
  /** Number of the pictures, from 1; 0: none yet. */
  readonly pictures: number;
  readonly status?: ClusterStatus;
  readonly isOver: boolean;
}

/** Test rows, their reconstructions and codes by one state of the model. */
export interface Pictures {
  readonly step: number;
  /** Rows of images as one picture each, as data URIs; absent for rows that are no images. */
  readonly originals?: string;
  readonly reconstructions?: string;
  readonly count: number;
  /** The codes on a plane: x and y of each, between -1 and 1. */
  readonly plane: readonly number[];
  /** Class of each code. */
  readonly labels?: readonly number[];
}
