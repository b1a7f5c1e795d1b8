/** What happens in a run, as it is told to observers and written to metrics.jsonl, one JSON object a line. */
import type { ReconstructionError } from "../analysis/reconstruction-error.js";

/** When an event happened. */
export interface At {
  /** Steps done. */
  readonly step: number;
  /** Passes over the training images, a fraction. */
  readonly epoch: number;
  /** Seconds since training began, or was resumed. */
  readonly time: number;
}

/** An event of a run. */
export type RunEvent =
  | (At & { readonly event: "start"; readonly steps: number; readonly images: number; readonly resumed: boolean })
  | (At & {
      /** A window of steps is done. */
      readonly event: "steps";
      /** Mean loss of its steps. */
      readonly loss: number;
      readonly learningRate: number;
      /** Training images a second, over the whole window. */
      readonly imagesPerSecond: number;
    })
  | (At & { readonly event: "evaluation"; readonly test: ReconstructionError })
  | (At & { readonly event: "checkpoint"; readonly path: string })
  | (At & { readonly event: "warning"; readonly message: string })
  /** Something was made to fail, on purpose. */
  | (At & {
      readonly event: "fault";
      /** As it was asked for: `kill worker-1`. */
      readonly fault: string;
      /** Who it befell: a node, a device, the disk. */
      readonly target: string;
    })
  /** Something failed, by itself or on purpose, and training goes on. */
  | (At & {
      readonly event: "recovery";
      readonly target: string;
      /** How it showed: `its process was killed`, `no sign of life for 1.0 s`, `its gradient was damaged`. */
      readonly failure: string;
      /** Seconds since training began: when it was noticed, and when the next step was committed. */
      readonly noticed: number;
      readonly resumed: number;
      /** Steps whose work has to be done again. */
      readonly stepsLost: number;
    })
  /** All steps are done. */
  | (At & { readonly event: "end" })
  /** Stopped on request before the last step. */
  | (At & { readonly event: "stop" });

/** Is told of each event as it happens. */
export type Observer = (event: RunEvent) => void;
