/** What happens in a run, as it is told to observers and written to metrics.jsonl, one JSON object a line. */
import type { Evaluation } from "./evaluate.js";

/** When an event happened. */
export interface At {
  /** Steps done. */
  readonly step: number;
  /** Passes over the training images, a fraction. */
  readonly epoch: number;
  /** Seconds since training began, or was resumed. */
  readonly time: number;
}

/** Where a run, or a part of it that was resumed, took place: what the configuration does not say. */
export interface RunPlace {
  /** As it was asked for: `dawnpour train --workers 3`. */
  readonly command?: string;
  /** For people: that of the run, or one for each worker, or for each stage of a pipeline. */
  readonly devices: readonly string[];
  readonly kind: "device" | "workers" | "pipeline";
  /** What was made to fail, as it was asked for. */
  readonly faults?: string;
  readonly chaos?: string;
  /** How long workers waited for one another, in milliseconds. */
  readonly times?: Readonly<Record<string, number>>;
}

/** An event of a run. */
export type RunEvent =
  | (At & {
      readonly event: "start";
      readonly steps: number;
      readonly images: number;
      readonly resumed: boolean;
      readonly place?: RunPlace;
    })
  | (At & {
      /** A window of steps is done. */
      readonly event: "steps";
      /** Mean loss of its steps. */
      readonly loss: number;
      readonly learningRate: number;
      /** Training images a second, over the whole window. */
      readonly imagesPerSecond: number;
    })
  | (At & { readonly event: "evaluation" } & Evaluation)
  | (At & { readonly event: "checkpoint"; readonly path: string })
  | (At & {
      readonly event: "warning";
      readonly message: string;
      /** The fault that it came of. */
      readonly fault?: number;
    })
  /** Something was made to fail, on purpose. */
  | (At & {
      readonly event: "fault";
      /** By which the failures that come of it name it; counted since training began, or was resumed. */
      readonly id: number;
      /** As it was asked for: `kill worker-1`. */
      readonly fault: string;
      /** Who it befell: a node, a device, the disk. */
      readonly target: string;
    })
  /** Something failed, by itself or on purpose, and training goes on. */
  | (At & {
      readonly event: "recovery";
      readonly target: string;
      /** The ids of the faults that it came of; none: it failed by itself. */
      readonly faults: readonly number[];
      /** How it showed: `its process was killed`, `no sign of life for 1.0 s`, `its gradient was damaged`. */
      readonly failure: string;
      /** Seconds since training began: when it was noticed, and when the next step was committed. */
      readonly noticed: number;
      readonly resumed: number;
      /** When training stood still for it, and for how many seconds: the longest time between two steps since it struck. */
      readonly waitedFrom: number;
      readonly waited: number;
      /** Steps whose work has to be done again. */
      readonly stepsLost: number;
      /** The target has ended, and is to come back: see `rejoin`. */
      readonly away: boolean;
    })
  /** A node that had failed does its part again. */
  | (At & { readonly event: "rejoin"; readonly target: string })
  /** All steps are done. */
  | (At & { readonly event: "end" })
  /** Stopped on request before the last step. */
  | (At & { readonly event: "stop" });

/**
 * Is told of each event as it happens. One that throws, or answers with a promise that rejects, ends the run, which fails with
 * that error; the run waits for promises at its end only.
 */
export type Observer = (event: RunEvent) => unknown;
