/** Events of a run, for observers and for metrics.jsonl, one JSON object a line. */
import type { ModelEvaluation, ReconstructionEvaluation } from "./evaluate.js";

/** When an event happened. */
export interface At {
  /** Steps done. */
  readonly step: number;
  /** Passes over the training images, a fraction. */
  readonly epoch: number;
  /** Seconds since training began, or was resumed. */
  readonly time: number;
}

/** Where a run, or its resumed part, took place: facts that the configuration does not have. */
export interface RunPlace {
  /** The command as typed: `dawnpour train --workers 3`. */
  readonly command?: string;
  /** For display: the device of the run, or of each worker, or of each stage of a pipeline. */
  readonly devices: readonly string[];
  readonly kind: "device" | "workers" | "pipeline";
  /** Workers that there must be at least; `devices` are those of as many as there may be. */
  readonly least?: number;
  /** Parameter servers; undefined: the run has none. */
  readonly servers?: number;
  /** The faults as typed. */
  readonly faults?: string;
  readonly chaos?: string;
  /** The link of each machine, as typed. */
  readonly link?: string;
  /** Times of the cluster, in milliseconds. */
  readonly times?: Readonly<Record<string, number>>;
}

/** Differential privacy of a model: what it reveals of one row, or of one client. */
export interface PrivacyBound {
  readonly epsilon: number;
  readonly delta: number;
  readonly unit: "row" | "client";
}

/** `epsilon 2.38 at delta 0.00001 for a row` */
export const privacyText = ({ epsilon, delta, unit }: PrivacyBound): string =>
  `epsilon ${epsilon.toPrecision(3)} at delta ${delta} for a ${unit}`;

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
      /** Bytes of the contributions of all parts as they were sent. None under a lease, where the workers share memory. */
      readonly bytes?: number;
      /** The parts that counted in each round, where a quorum of them is enough: the run replays from them. */
      readonly parts?: readonly (readonly number[])[];
    })
  | (At & { readonly event: "evaluation" } & ReconstructionEvaluation)
  /** As an evaluation, of a model that is no autoencoder. */
  | (At & { readonly event: "metrics" } & ModelEvaluation)
  /** What the model of a private run reveals so far. */
  | (At & { readonly event: "privacy" } & PrivacyBound)
  | (At & { readonly event: "checkpoint"; readonly path: string })
  | (At & {
      readonly event: "warning";
      readonly message: string;
      /** Id of the fault that caused it. */
      readonly fault?: number;
    })
  /** A fault was injected. */
  | (At & {
      readonly event: "fault";
      /** Id of the fault, counted since training began or was resumed; failures refer to it. */
      readonly id: number;
      /** The fault as text: `kill worker-1`. */
      readonly fault: string;
      /** Its target: a node, a device, the disk. */
      readonly target: string;
    })
  /** Something failed, by itself or on purpose, and training goes on. */
  | (At & {
      readonly event: "recovery";
      readonly target: string;
      /** Ids of the faults that caused it; none: it failed by itself. */
      readonly faults: readonly number[];
      /** The symptom: `its process was killed`, `no sign of life for 1.0 s`, `its gradient was damaged`. */
      readonly failure: string;
      /** Seconds since training began: when it was noticed, and when the next step was committed. */
      readonly noticed: number;
      readonly resumed: number;
      /**
       * When training stood still for it, and for how many seconds: the longest time between two steps since it struck.
       */
      readonly waitedFrom: number;
      readonly waited: number;
      /** Steps done again. */
      readonly stepsLost: number;
      /** The target ended and is started again: see `rejoin`. */
      readonly away: boolean;
    })
  /** A node that had failed works again. */
  | (At & { readonly event: "rejoin"; readonly target: string })
  /** A worker takes part from now on; a worker has left, as it was asked to. */
  | (At & { readonly event: "join" | "leave"; readonly target: string })
  /** All steps are done. */
  | (At & { readonly event: "end" })
  /** Stopped on request before the last step. */
  | (At & { readonly event: "stop" });

/**
 * Called for each event. An error, or a promise that rejects, ends the run with that error; the run waits for promises
 * only at its end.
 */
export type Observer = (event: RunEvent) => unknown;
