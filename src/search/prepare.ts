/** What a search needs before its first trial: the data, the candidates and the rungs, all of it checked. */
import { join } from "node:path";
import { identify } from "../data/identity.js";
import { brief, UsageError } from "../error.js";
import type { WorkerPlace } from "../placement/placement.js";
import { placesOf } from "../places.js";
import { checkRequest, type TrainOptions } from "../request.js";
import { requestedData } from "../requested-data.js";
import { newFolder } from "../training/run-folder/new-folder.js";
import { refuseModels } from "../training/task/check-task.js";
import { explained } from "../world/disk-error.js";
import type { World } from "../world/world.js";
import { drawCandidates } from "./candidates.js";
import type { SearchPlace } from "./place.js";
import { checkSameRequest, readRecord, type SearchRecord } from "./record.js";
import { rungsOf } from "./rungs.js";
import { settleCandidates } from "./settle.js";
import { checkSpace, type SearchSpace } from "./space.js";
import { splitForSearch, subset } from "./subsets.js";
import type { TrialRun } from "./trial.js";

/** Training images of the first rung, at least. */
const LEAST_IMAGES = 100;

interface Prepared {
  /** Folder of the search. */
  readonly out: string;
  /** One for each trial at a time. */
  readonly places: readonly WorkerPlace[];
  /** Empty, or what a search that goes on has found. */
  readonly record: SearchRecord;
  /** The run of a candidate in a rung. */
  trial(candidate: number, rung: number): TrialRun;
}

/** @throws UsageError for what `train` would refuse of any candidate */
export async function prepareSearch(
  world: World,
  options: TrainOptions,
  space: SearchSpace,
  place: SearchPlace,
): Promise<Prepared> {
  const { candidates: most = 27, eta = 3, withheld = 0.1, resume, data, substitute, onDownload } = place;
  checkSpace(space);
  checkNumbers({ candidates: most, eta, withheld });
  if (options.steps !== undefined) {
    throw new UsageError("candidates train for epochs, because rungs differ in images: give --epochs, not --steps");
  }
  if (resume && place.out === undefined) throw new UsageError("resume needs the folder of the search: give --out");
  refuseModels("search", options);
  const request = await checkRequest(world, options, { data, substitute });
  const { seed } = request.wanted;
  const places = await trialPlaces(place, request.wanted);
  const dataset = await requestedData(world, request, { data, substitute, onDownload });
  const candidates = drawCandidates(space, most, seed);
  const { epochs, options: settled } = settleCandidates(request.config, candidates, dataset);
  const rows = splitForSearch(dataset, withheld, seed);
  const rungs = rungsOf(candidates.length, rows.train.count, eta, LEAST_IMAGES);
  const asked = { options: request.config, vary: space, eta, withheld, epochs, data: identify(dataset).sha256 };
  const fresh: SearchRecord = { dataset: dataset.name, request: asked, candidates, rungs, trials: [] };
  const before = resume && place.out ? await readRecord(world, place.out) : fresh;
  checkSameRequest(place.out ?? "", asked, before);
  // A search of an earlier version has no epochs in its record.
  const record = { ...before, request: asked };
  const out = place.out ?? (await newFolder(world, "search"));
  if (!resume) await checkEmpty(world, out);
  await explained("make the folder", out, world.disk.makeFolder(out));
  return {
    ...{ out, places, record },
    trial: (candidate, rung) => ({
      ...{ candidate, rung },
      options: settled[candidate],
      dataset: subset(dataset, rows, rungs[rung].images),
      test: rung === rungs.length - 1 ? dataset.test : undefined,
      out: join(out, `rung-${rung + 1}`, `candidate-${candidate + 1}`),
    }),
  };
}

/** The device of each trial that runs at a time. */
async function trialPlaces(
  { device, adapter, threads, devices, workers }: SearchPlace,
  config: Parameters<typeof placesOf>[1],
): Promise<readonly WorkerPlace[]> {
  const count = workers ?? (devices === undefined ? 1 : undefined);
  return (await placesOf({ device, adapter, threads, devices, workers: count }, config)) ?? [];
}

function checkNumbers({ candidates, eta, withheld }: { candidates: number; eta: number; withheld: number }): void {
  for (const [name, value] of Object.entries({ candidates, eta })) {
    if (!(Number.isSafeInteger(value) && value >= 2)) {
      throw new UsageError(`${name} of a search must be a whole number from 2, got ${brief(value)}`);
    }
  }
  if (!(withheld > 0 && withheld <= 0.5)) {
    throw new UsageError(`the withheld fraction of a search is above 0 and at most 0.5, got ${brief(withheld)}`);
  }
}

async function checkEmpty({ disk }: World, out: string): Promise<void> {
  const status = await explained("look for", out, disk.status(out));
  if (status?.kind === "file") throw new UsageError(`${out} is a file: give a folder for the search with --out`);
  if (status && (await explained("read", out, disk.list(out))).length > 0) {
    throw new UsageError(`${out} is not empty: choose another folder, or go on with a search by --resume`);
  }
}
