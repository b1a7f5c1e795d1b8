/** How a search goes, where, and its callbacks. */
import { type Keys, refuseUnknownKeys } from "../option-keys.js";
import type { TrainPlace } from "../request.js";
import type { SearchRecord, Trial } from "./record.js";

type OfTraining = "device" | "adapter" | "threads" | "devices" | "data" | "substitute" | "out" | "resume" | "signal";

/** How a search goes, where, and its callbacks. */
export interface SearchPlace extends Pick<TrainPlace, OfTraining | "onDownload" | "world"> {
  /** Trials at a time, each in a process of its own. Default: one for each device. */
  readonly workers?: number;
  /** Candidates of the first rung, at most. Default: 27. */
  readonly candidates?: number;
  /** Of how many candidates one goes on to the next rung, which has as many times the images. Default: 3. */
  readonly eta?: number;
  /** Fraction of the training rows that is withheld to compare the candidates. Default: 0.1. */
  readonly withheld?: number;
  /** Called once before the first trial. */
  readonly onReady?: (record: SearchRecord, out: string) => unknown;
  /** Called after each trial. */
  readonly onTrial?: (trial: Trial, record: SearchRecord) => unknown;
}

const KEYS: Keys<SearchPlace> = {
  device: true,
  adapter: true,
  threads: true,
  devices: true,
  workers: true,
  data: true,
  substitute: true,
  out: true,
  resume: true,
  signal: true,
  onDownload: true,
  world: true,
  candidates: true,
  eta: true,
  withheld: true,
  onReady: true,
  onTrial: true,
};

/** @throws UsageError with the near word */
export function checkSearchPlace(place: SearchPlace): void {
  refuseUnknownKeys(place, KEYS, "place of a search");
}
