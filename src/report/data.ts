/**
 * The content of a report as plain data, without devices and open files. The caller fills it in; `renderReport` draws
 * it.
 */
import type { ReconstructionError } from "../analysis/reconstruction-error.js";
import type { DeviceInfo } from "../device/device.js";
import type { RunPlace } from "../training/event.js";
import type { FailureLog } from "./failure-log.js";
import type { ImageSet } from "./images.js";

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };

/** What the report of any run shows. */
export interface RunData {
  /** Version of Dawnpour. */
  readonly version: string;
  /** When the run ended, for display. */
  readonly date: string;
  /** Sizes of all layers: `784-30-784`. */
  readonly network: string;
  readonly parameterCount: number;
  readonly parametersSha256: string;
  /** The minimised loss, as the curve's axis names it. */
  readonly loss: string;
  /** All settings, including defaults. */
  readonly configuration: { readonly [key: string]: Json | undefined };
  /** Where it was trained; the last part of a resumed run. */
  readonly place?: RunPlace;
  /** The device that trained it, or, with several workers, the device that measured the result. */
  readonly device: DeviceInfo;
  readonly dataset: ReportDataset;
  /** In the order of the steps; may be thinned out, and may be empty. */
  readonly curve: readonly CurvePoint[];
  readonly steps: number;
  readonly epochs: number;
  /** Seconds of training. */
  readonly seconds: number;
  readonly imagesPerSecond: number;
  /** The losses of a range test of learning rates, if there was one, and the rate that was taken. */
  readonly rates?: {
    readonly points: readonly { readonly rate: number; readonly loss: number }[];
    readonly suggested: number;
  };
  /** Absent when nothing failed. */
  readonly failures?: FailureLog;
  /** Other events of devices and workers. */
  readonly events: readonly RunEvent[];
  /** What could not be measured or shown, and why. */
  readonly notices?: readonly string[];
}

/** What the report of an autoencoder shows. */
export interface ReportData extends RunData {
  readonly codeSize: number;
  readonly errors: ReportErrors;
  /** What to try, if the run ended worse than PCA. */
  readonly advice: readonly string[];
  /** Whether errors are in standard deviations of the columns. */
  readonly deviations?: boolean;
  readonly examples?: Examples;
  /** First-layer weights as pictures: see `strongestFilters`. */
  readonly filters?: ImageSet;
  readonly codes?: Codes;
}

/** What the report of another model shows. */
export interface ModelReportData extends RunData {
  readonly task: string;
  readonly train: Readonly<Record<string, number>>;
  readonly test: Readonly<Record<string, number>>;
  readonly confusion?: { readonly counts: readonly (readonly number[])[]; readonly names?: readonly string[] };
  /** What each evaluation of the run found. */
  readonly evaluations: readonly MetricPoint[];
}

/** Figures by name, at a time of the run. */
export interface MetricPoint {
  readonly epoch: number;
  readonly test: Readonly<Record<string, number>>;
  readonly train?: Readonly<Record<string, number>>;
}

export interface ReportDataset {
  readonly name: string;
  readonly source: string;
  /** One line that the reader must see: the data differs from what was asked for. */
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
  /** Mean over the batches since the point before. */
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

/** The same test images: originals, and their reconstructions by network and PCA. */
export interface Examples {
  readonly originals: ImageSet;
  readonly reconstructions: ImageSet;
  readonly pca?: ImageSet;
  /** One for each image. */
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
