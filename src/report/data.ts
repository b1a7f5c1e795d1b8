/**
 * What a report shows, as plain data: no device, no open file. Whoever trained fills it in; `renderReport` only draws.
 */
import type { ReconstructionError } from "../analysis/reconstruction-error.js";
import type { DeviceInfo } from "../device/device.js";
import type { RunPlace } from "../training/event.js";
import type { FailureLog } from "./failure-log.js";
import type { ImageSet } from "./images.js";

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };

export interface ReportData {
  /** Of Dawnpour. */
  readonly version: string;
  /** When the run ended, for people. */
  readonly date: string;
  /** Sizes of all layers: `784-30-784`. */
  readonly network: string;
  readonly codeSize: number;
  readonly parameterCount: number;
  readonly parametersSha256: string;
  /** The loss that was minimised, as the curve's axis names it. */
  readonly loss: string;
  /** All settings, those that were not given too. */
  readonly configuration: { readonly [key: string]: Json | undefined };
  /** Where it was trained, the last part of it if it was resumed. */
  readonly place?: RunPlace;
  /** What trained it, or, of workers, what measured the result. */
  readonly device: DeviceInfo;
  readonly dataset: ReportDataset;
  /** In the order of the steps; may be thinned out, and may be empty. */
  readonly curve: readonly CurvePoint[];
  readonly errors: ReportErrors;
  /** What to try, if the run ended worse than PCA. */
  readonly advice: readonly string[];
  /** Whether errors are counted in standard deviations of the columns. */
  readonly deviations?: boolean;
  readonly steps: number;
  readonly epochs: number;
  /** Spent training. */
  readonly seconds: number;
  readonly imagesPerSecond: number;
  readonly examples?: Examples;
  /** First-layer weights as pictures: see `strongestFilters`. */
  readonly filters?: ImageSet;
  readonly codes?: Codes;
  /** Absent when nothing failed. */
  readonly failures?: FailureLog;
  /** What else happened to devices and workers on the way. */
  readonly events: readonly RunEvent[];
}

export interface ReportDataset {
  readonly name: string;
  readonly source: string;
  /** One line that the reader must see: the data is not what was asked for. */
  readonly notice?: string;
  /** Number of rows. */
  readonly train: number;
  readonly test: number;
  /** Whether a row is a picture. */
  readonly pictures: boolean;
}

export interface CurvePoint {
  readonly step: number;
  /** Epochs done, with a fraction. */
  readonly epoch: number;
  /** Of the batches since the point before. */
  readonly loss: number;
  readonly learningRate: number;
  readonly imagesPerSecond: number;
  readonly testSse?: number;
  /** Over some of the training rows. */
  readonly trainSse?: number;
}

export interface ReportErrors {
  readonly train: ReconstructionError;
  readonly test: ReconstructionError;
  readonly pca?: {
    readonly components: number;
    readonly train?: ReconstructionError;
    readonly test: ReconstructionError;
  };
}

/** The same test images three times over. */
export interface Examples {
  readonly originals: ImageSet;
  readonly reconstructions: ImageSet;
  readonly pca?: ImageSet;
  /** One an image. */
  readonly labels?: ArrayLike<number>;
}

export interface Codes {
  readonly count: number;
  readonly size: number;
  /** `[count, size]` */
  readonly values: Float32Array;
  /** `count` classes. */
  readonly labels?: ArrayLike<number>;
}

export interface RunEvent {
  /** Seconds since the start. */
  readonly time: number;
  readonly what: string;
}
