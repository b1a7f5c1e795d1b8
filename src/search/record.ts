/** What a search has found so far, as search.json has it: a search that was stopped goes on from there. */
import { join } from "node:path";
import { DataError, UsageError } from "../error.js";
import type { TrainingOptions } from "../training/config/config.js";
import { explained } from "../world/disk-error.js";
import type { World } from "../world/world.js";
import { writeWhole } from "../world/write-whole.js";
import type { Rung } from "./rungs.js";
import type { Candidate, SearchSpace } from "./space.js";

/** A run of one candidate on the images of one rung. */
export interface Trial {
  readonly rung: number;
  /** Number of the candidate, from 0. */
  readonly candidate: number;
  /** Error over the withheld images; absent if the run failed. */
  readonly sse?: number;
  /** Of a trial in the last rung: error over the test images. */
  readonly test?: number;
  readonly seconds: number;
  /** Why the run failed. */
  readonly failure?: string;
}

/** What was asked for: the same for a search that goes on. */
export interface SearchRequest {
  /** What all candidates share. */
  readonly options: TrainingOptions;
  readonly vary: SearchSpace;
  readonly eta: number;
  readonly withheld: number;
  /** Passes over the images in each trial. */
  readonly epochs: number;
  /** Digest of the data. */
  readonly data: string;
}

/** A search, whole or so far. */
export interface SearchRecord {
  readonly dataset: string;
  readonly request: SearchRequest;
  readonly candidates: readonly Candidate[];
  readonly rungs: readonly Rung[];
  /** In the order of rungs, then of candidates. */
  readonly trials: readonly Trial[];
}

/** In the order of rungs, then of candidates, whichever trial ends first. */
export function withTrial(record: SearchRecord, trial: Trial): SearchRecord {
  const trials = [...record.trials, trial].sort((a, b) => a.rung - b.rung || a.candidate - b.candidate);
  return { ...record, trials };
}

const FILE = "search.json";

/** @throws DataError when the folder has no search, or one that this version cannot read */
export async function readRecord({ disk }: World, folder: string): Promise<SearchRecord> {
  const path = join(folder, FILE);
  if (!(await explained("look for", path, disk.status(path)))) {
    throw new UsageError(`${folder} holds no search to resume: there is no ${FILE}`);
  }
  const text = new TextDecoder().decode(await explained("read", path, disk.read(path)));
  try {
    const record = JSON.parse(text) as SearchRecord;
    if (Array.isArray(record.trials) && Array.isArray(record.candidates) && record.request) return record;
  } catch {
    // Below.
  }
  throw new DataError(`${path} is not the record of a search: start the search anew in another folder`);
}

/** Writes search.json, whole or not at all. */
export async function writeRecord({ disk }: World, folder: string, record: SearchRecord): Promise<void> {
  await writeWhole(disk, join(folder, FILE), `${JSON.stringify(record, null, 2)}\n`);
}

/** @throws UsageError when a search was asked for that is not the one in the folder */
export function checkSameRequest(folder: string, asked: SearchRequest, { request }: SearchRecord): void {
  for (const key of Object.keys(request) as (keyof SearchRequest)[]) {
    const [before, now] = [JSON.stringify(request[key]), JSON.stringify(asked[key])];
    if (before === now) continue;
    throw new UsageError(
      key === "data"
        ? `the search in ${folder} is over other data: give the data that it began with`
        : `the search in ${folder} began with other ${key}, ${before}, got ${now}: resume it with the same, or choose another folder`,
    );
  }
}
