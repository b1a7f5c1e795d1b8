import type { Autoencoder } from "../model/autoencoder.js";
import type { Network } from "../model/network.js";
import type { TrainingConfig } from "./config/config.js";
import type { PrivacyBound } from "./event.js";
import type { RunFolder } from "./run-folder/run-folder.js";

/** Result of a run, besides its folder. */
export interface RunResult<M extends Network = Autoencoder> {
  readonly config: TrainingConfig;
  readonly model: M;
  /** The flat vector. */
  readonly parameters: Float32Array;
  readonly step: number;
  /** The step at which this session began: 0, or that of the checkpoint from which it went on. */
  readonly firstStep: number;
  /** Whether it was stopped on request; then it has no errors. */
  readonly stopped: boolean;
  /** Seconds of training in this session, evaluations and checkpoints included. */
  readonly seconds: number;
  readonly imagesPerSecond: number;
  readonly parametersSha256: string;
  readonly folder: RunFolder;
  /** What the model of a private run reveals. */
  readonly privacy?: PrivacyBound;
}
